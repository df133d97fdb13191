import mmap

# Address space is free; the pages are not.
space = mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE)
print("begun", flush=True)
for page in range(0, 1 << 36, 4096):
    space[page] = 1
