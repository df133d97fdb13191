/**
 * What Node is given for the server. Young objects get 4 MiB in place of up to 16: whatever dies young dies in there too, and Node gives back nothing of
 * what a burst has once made it take (each MiB counts three times).
 */
export const SERVER_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
