import errno, fcntl, os

# Pipe buffers are kernel memory, and their quota is counted for each user id, over all containers that have it.
held = []
try:
    while len(held) < 5_000:
        reader, writer = os.pipe()
        held += [reader, writer]
        os.set_blocking(writer, False)
        try:
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
        except OSError:
            pass
        try:
            while True:
                os.write(writer, b"x" * 65536)
        except BlockingIOError:
            pass
    print("ESCAPED:", len(held))
except OSError as refused:
    print("held:", errno.errorcode[refused.errno], "after", len(held) // 2, "pipes")
