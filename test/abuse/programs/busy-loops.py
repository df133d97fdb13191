import os, time

for _ in range(3):
    if os.fork() == 0:
        break
print("begun", flush=True)
while True:
    pass
