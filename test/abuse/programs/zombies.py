import os, time

# Children of children, which nobody waits for but PID 1.
made = 0
for _ in range(300):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        try:
            os.fork()
        finally:
            os._exit(0)
    made += 1
print("made", made, flush=True)
time.sleep(0.2)
