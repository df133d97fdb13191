import os, time

# The main process is gone; a child holds its streams, and writes.
if os.fork() == 0:
    os.setsid()
    while True:
        os.write(1, b"still here\n")
        time.sleep(0.01)
print("main ends", flush=True)
