import ctypes, errno, os

libc = ctypes.CDLL("librt.so.1", use_errno=True)
answer = libc.mq_open(b"/abuse", os.O_CREAT | os.O_RDWR, 0o600, None)
print("held: " + errno.errorcode[ctypes.get_errno()] if answer < 0 else "ESCAPED: a queue", flush=True)
