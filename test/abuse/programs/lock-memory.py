import ctypes, errno, mmap

libc = ctypes.CDLL(None, use_errno=True)
space = mmap.mmap(-1, 16 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(space))
answer = libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(16 << 20))
print("held: " + errno.errorcode[ctypes.get_errno()] if answer < 0 else "ESCAPED: 16 MiB locked", flush=True)
