#--- exit 0
raise SystemExit(0)
#--- exit 1
import sys
sys.exit(1)
#--- exit 42
import sys
sys.exit(42)
#--- exit 125
import sys
sys.exit(125)
#--- exit 126
import sys
sys.exit(126)
#--- exit 137
import sys
sys.exit(137)
#--- exit 255
import sys
sys.exit(255)
#--- exit 256
import sys
sys.exit(256)
#--- exit -1
import sys
sys.exit(-1)
#--- exit of a huge number
import sys
sys.exit(1 << 70)
#--- exit None
import sys
sys.exit(None)
#--- exit of a text
import sys
sys.exit("that was it €")
#--- exit of a tuple
import sys
sys.exit((1, 2))
#--- exit True
import sys
sys.exit(True)
#--- exit by the builtin
exit(7)
#--- exit at once
import os
print("seen")
os._exit(9)
#--- exit in a finally
import sys
try:
    1 / 0
finally:
    sys.exit(4)
#--- exit at the exit
import atexit
import sys
atexit.register(sys.exit, 5)
#--- exit while a daemon thread runs
import threading
import time
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
print("end")
#--- exit waits for a thread
import threading
import time
threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
print("main")
#--- killed by TERM
import os
import signal
print("before")
os.kill(os.getpid(), signal.SIGTERM)
#--- killed by INT
import os
import signal
print("before")
os.kill(os.getpid(), signal.SIGINT)
import time
time.sleep(5)
#--- INT is caught
import os
import signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    import time
    time.sleep(5)
except KeyboardInterrupt:
    print("caught", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
#--- killed by KILL
import os
os.kill(os.getpid(), 9)
#--- killed by SEGV
import os
import signal
os.kill(os.getpid(), signal.SIGSEGV)
#--- killed by ABRT
import os
os.abort()
#--- killed by HUP
import os
import signal
os.kill(os.getpid(), signal.SIGHUP)
#--- killed by USR1
import os
import signal
os.kill(os.getpid(), signal.SIGUSR1)
#--- killed by ALRM
import signal
import time
signal.alarm(1)
time.sleep(5)
#--- killed by PIPE once it is not ignored
import os
import signal
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
reader, writer = os.pipe()
os.close(reader)
os.write(writer, b"x")
#--- a broken pipe
import os
reader, writer = os.pipe()
os.close(reader)
os.write(writer, b"x")
#--- CHLD is heard
import os
import signal
import time
signal.signal(signal.SIGCHLD, lambda number, frame: print("heard", number))
if os.fork() == 0:
    os._exit(3)
print(os.wait()[1])
#--- TERM is heard
import os
import signal
signal.signal(signal.SIGTERM, lambda number, frame: (print("heard", number, frame.f_lineno), os._exit(11)))
os.kill(os.getpid(), signal.SIGTERM)
#--- a mask of signals
import signal
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending())
#--- a timer
import signal
signal.signal(signal.SIGALRM, lambda *_: print("tick"))
print(signal.getitimer(signal.ITIMER_REAL))
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause()
#--- standard output closed by the program
import sys
sys.stdout.close()
#--- standard output closed below
import os
os.close(1)
print("lost")
#--- output to a reader that is gone
import os
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
print("lost")
