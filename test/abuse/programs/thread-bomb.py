import threading, time

started = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        started += 1
except RuntimeError as refused:
    print("held after", started, "threads:", refused, flush=True)
time.sleep(60)
