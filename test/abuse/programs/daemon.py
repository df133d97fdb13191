import os, sys, time

# A double fork with a session of its own, away from the parent and its streams.
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for stream in range(3):
            os.close(stream)
        while True:
            time.sleep(1)
    os._exit(0)
print("main ends", flush=True)
sys.exit(0)
