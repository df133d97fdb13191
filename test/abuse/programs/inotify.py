import ctypes, errno, os

libc = ctypes.CDLL(None, use_errno=True)
held = 0
while held < 10_000 and libc.inotify_init() >= 0:
    held += 1
print("held:" if held < 1_025 else "ESCAPED:", errno.errorcode.get(ctypes.get_errno()), "after", held, flush=True)
