import ctypes

# Segments outlive their process, if nothing bounds them.
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
print("begun", flush=True)
for _ in range(256):
    segment = libc.shmget(0, 16 << 20, 0o1600)
    address = libc.shmat(segment, None, 0)
    if segment < 0 or address == ctypes.c_void_p(-1).value:
        print("held: no more segments")
        break
    ctypes.memset(address, 1, 16 << 20)
else:
    print("ESCAPED: 4 GiB")
