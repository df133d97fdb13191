#--- a fork
import os
child = os.fork()
if child == 0:
    print("child", os.getppid() > 1)
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
#--- a fork that goes on to the end
import os
import sys
child = os.fork()
if child:
    os.waitpid(child, 0)
print("both", child == 0)
sys.exit(2)
#--- a child in a group of its own
import os
import subprocess
child = subprocess.Popen(["/bin/sh", "-c", "exit 5"], start_new_session=True)
print(child.wait(), os.getpgrp() == os.getpid())
#--- a pool of processes by fork
import multiprocessing


def square(value):
    return value * value


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, range(5)))
#--- a pool of processes by spawn
import multiprocessing


def square(value):
    return value * value, __name__


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(square, range(3)), __name__)
#--- a process by forkserver
import multiprocessing
import sys


def tell(queue):
    queue.put((__name__, sys.argv))


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    queue = context.Queue()
    process = context.Process(target=tell, args=(queue,))
    process.start()
    print(queue.get(), process.join(), process.exitcode)
#--- futures in processes
from concurrent.futures import ProcessPoolExecutor


def double(value):
    return value * 2


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as executor:
        print(list(executor.map(double, range(4))))
#--- a queue and a lock
import multiprocessing

if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        with multiprocessing.Lock():
            print(dict(shared))
#--- futures in threads
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as executor:
    print(sum(executor.map(abs, range(-100, 0))))
#--- local data of threads
import threading
local = threading.local()
local.value = 1
thread = threading.Thread(target=lambda: print(hasattr(local, "value"), threading.current_thread().name, threading.get_native_id() != threading.main_thread().native_id))
thread.start()
thread.join()
#--- the identity of the main thread
import os
import threading
print(threading.main_thread().native_id == os.getpid(), threading.active_count())
#--- an interpreter of its own
import subprocess
import sys
print(subprocess.run([sys.executable, "-c", "import sys; print(sys.path, sys.argv, sys.flags)"], capture_output=True, text=True))
#--- an isolated interpreter of its own
import subprocess
import sys
print(subprocess.run([sys.executable, "-I", "-c", "import sys; print(sys.path, list(sys.modules))"], capture_output=True, text=True))
#--- an interpreter in its place
import os
import sys
os.execv(sys.executable, [sys.executable, "-c", "import os, sys; print(sys.argv, os.listdir('/proc/self/fd'), os.environ)"])
#--- another program in its place
import os
os.execv("/bin/sh", ["sh", "-c", "echo $HOME; grep Sig /proc/self/status"])
#--- its own program again
import os
import sys
if len(sys.orig_argv) == 2:
    os.execv(sys.executable, [*sys.orig_argv, "again"])
print(sys.argv)
#--- a child by posix_spawn
import os
child = os.posix_spawn("/bin/sh", ["sh", "-c", "ls /proc/self/fd; exit 4"], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
#--- a shell
import os
print(os.system("exit 3"), os.popen("echo hi").read())
#--- asyncio with processes and time
import asyncio


async def main():
    process = await asyncio.create_subprocess_exec("/bin/echo", "hi", stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(), process.returncode)
    async with asyncio.timeout(1):
        print(await asyncio.gather(*(asyncio.sleep(0.001, value) for value in range(3))))


asyncio.run(main())
#--- asyncio reads the input
#<<< from outside
import asyncio
import sys


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(await reader.read())


asyncio.run(main())
#--- asyncio hears signals
import asyncio
import os
import signal


async def main():
    heard = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, heard.set)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(heard.wait(), 5)
    print("heard")


asyncio.run(main())
#--- a terminal of its own
import pty
print(pty.spawn(["/bin/echo", "hi"]))
#--- hooks of a fork
import os
os.register_at_fork(before=lambda: print("before"), after_in_parent=lambda: print("parent"))
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
#--- an orphan goes to the init
import os
import time
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(0.05)
    os._exit(0)
os.wait()
try:
    os.wait()
except ChildProcessError as error:
    print(error)
#--- an interpreter within
import _interpreters
interpreter = _interpreters.create()
_interpreters.run_string(interpreter, "import sys; print(sys.path, sorted(sys.modules))")
#--- semaphores and shared memory
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=16)
memory.buf[:2] = b"ok"
print(bytes(memory.buf[:2]))
memory.close()
memory.unlink()
#--- an interpreter within, after a change of the folder
import os
import _interpreters
os.chdir("/tmp")
interpreter = _interpreters.create()
print(_interpreters.run_string(interpreter, "import os, sys; print(sys.path, sys.path_importer_cache, os.environ, os.path.expanduser('~'), sys.argv)"))
#--- an interpreter within that shares little
import _interpreters
interpreter = _interpreters.create("isolated")
_interpreters.run_string(interpreter, "import sys, signal, site; print(list(sys.modules), site.USER_SITE, signal.getsignal(2)); 1 / 0")
#--- an interpreter within, with modules of the job
import _interpreters
interpreter = _interpreters.create()
print(_interpreters.run_string(interpreter, "import helper, encodings; print(helper.__file__, encodings.__file__)"))
#+++ /workspace/helper.py
#--- an interpreter within that meets a customisation of the job
import _interpreters
open("/workspace/sitecustomize.py", "w").write("print('customised')")
_interpreters.create()
