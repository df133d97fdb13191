held = []
print("begun", flush=True)
while True:
    held.append(b"x" * (4 << 20))
