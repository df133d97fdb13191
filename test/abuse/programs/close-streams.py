import os, time

# Nobody hears it any more, and it still runs.
os.write(1, b"last")
os.close(1)
os.close(2)
time.sleep(60)
