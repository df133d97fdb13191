import resource

for name in ("NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "SIGPENDING", "FSIZE", "NICE", "RTPRIO"):
    number = getattr(resource, "RLIMIT_" + name, None)
    if number is None:
        continue
    soft, hard = resource.getrlimit(number)
    try:
        resource.setrlimit(number, (resource.RLIM_INFINITY, resource.RLIM_INFINITY) if hard != resource.RLIM_INFINITY else (1, -2))
        print("ESCAPED:", name, hard, flush=True)
    except (OSError, ValueError) as refused:
        print("held:", name, hard, refused, flush=True)
