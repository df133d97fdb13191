import os

# Memory in a file without a name; it belongs to nobody's heap, and still has to count.
held = os.memfd_create("ballast")
print("begun", flush=True)
while True:
    os.write(held, b"x" * (1 << 20))
