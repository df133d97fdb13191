try:
    held = bytearray(1 << 40)
    held[-1] = 1
    print("ESCAPED: a tebibyte")
except MemoryError:
    print("held: MemoryError")
