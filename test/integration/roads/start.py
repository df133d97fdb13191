#--- arguments
import sys
print(sys.argv, sys.orig_argv, sys.executable, sys._base_executable)
#--- flags and options
import sys
print(sys.flags, sys._xoptions, sys.warnoptions, sys.dont_write_bytecode, sys.pycache_prefix)
#--- prefixes and version
import sys
print(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.platlibdir, sys.version, sys.implementation)
#--- path
import sys
print(sys.path, sys.meta_path, sys.path_hooks)
#--- caches of importers
import sys
print(list(sys.path_importer_cache.items()))
#--- modules and their order
import sys
print(list(sys.modules))
#--- where modules come from
import sys
for name, module in sys.modules.items():
    print(name, getattr(module, "__file__", None), getattr(module, "__cached__", None), module.__spec__)
#--- what modules hold
import sys
for name, module in list(sys.modules.items()):
    print(name, sorted(vars(module)))
#--- what site has decided
import site
print(site.ENABLE_USER_SITE, site.USER_BASE, site.USER_SITE, site.PREFIXES, site.getsitepackages())
#--- names of the main module
print({name: str(value) for name, value in globals().items() if name != "__loader__"})
print(type(__loader__), __loader__.path, __loader__.name, dir())
#--- spec and package
print(__spec__, __package__, __doc__, __builtins__.__name__, __annotations__ if "__annotations__" in globals() else None)
#--- a text at the head is its documentation
"""What it does."""
print(__doc__)
#--- environment
import os
print(list(os.environ.items()), os.environb == os.environ)
#--- environment as the kernel has it
import os
for name in ("environ", "cmdline", "comm"):
    print(open(f"/proc/self/{name}", "rb").read())
print(os.readlink("/proc/self/exe"), os.readlink("/proc/self/cwd"), os.readlink("/proc/self/root"))
#--- environment as C has it
import ctypes
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print([getenv(name) for name in (b"HOME", b"PYTHONPATH", b"LC_CTYPE", b"LANG", b"PYTHONHOME")])
#--- environment that a child gets
import os
import subprocess
import sys
os.environ["MORE"] = "1"
print(subprocess.run(["/usr/bin/env"], capture_output=True, text=True).stdout)
#--- environment that a forked child of C gets
import os
os.putenv("HOME", "/elsewhere")
os.system("echo $HOME $PYTHONPATH; env")
#--- expansion of the home
import os
import pathlib
print(os.path.expanduser("~/x"), pathlib.Path.home(), os.environ["HOME"])
#--- a change of the home
import os
os.environ["HOME"] = "/tmp"
print(os.path.expanduser("~"), list(os.environ))
del os.environ["HOME"]
print("HOME" in os.environ, os.popen("echo [$HOME]").read())
#--- working directory
import os
print(os.getcwd(), os.path.abspath("."), os.listdir("."), os.environ.get("PWD"))
#--- umask and ids
import os
print(os.umask(0), os.getuid(), os.getgid(), os.geteuid(), os.getgroups(), os.getresuid())
#--- relations of processes
import os
print(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid(), os.getppid() == os.getsid(os.getppid()), os.getpid() > 1)
#--- descriptors
import os
print(sorted(os.listdir("/proc/self/fd"), key=int))
print(os.open("/dev/null", os.O_RDONLY), os.pipe())
#--- flags of descriptors
import fcntl
import os
import stat
for descriptor in range(3):
    print(fcntl.fcntl(descriptor, fcntl.F_GETFL), fcntl.fcntl(descriptor, fcntl.F_GETFD), stat.S_IFMT(os.fstat(descriptor).st_mode), os.get_inheritable(descriptor))
#--- descriptors that a child gets
import subprocess
print(subprocess.run(["/bin/ls", "/proc/self/fd"], capture_output=True, text=True, close_fds=False).stdout)
#--- dispositions of signals
import signal
print([(number, signal.getsignal(number)) for number in sorted(signal.valid_signals())])
#--- signals as the kernel has them
for line in open("/proc/self/status"):
    if line.startswith(("Sig", "Shd", "NoNewPrivs", "Seccomp", "Cap", "Umask", "Threads", "Uid", "Gid", "TracerPid", "Name")):
        print(line, end="")
#--- signals that a child gets
import subprocess
print(subprocess.run("grep Sig /proc/self/status", shell=True, capture_output=True, text=True, restore_signals=False).stdout)
#--- limits
import resource
for name in sorted(name for name in dir(resource) if name.startswith("RLIMIT_")):
    print(name, resource.getrlimit(getattr(resource, name)))
#--- priority and scheduling
import os
print(os.nice(0), os.sched_getaffinity(0), os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0))
#--- use of children
import os
import resource
print(resource.getrusage(resource.RUSAGE_CHILDREN), os.times()[2:4])
#--- nobody to wait for
import os
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError as error:
    print(error)
#--- processor time so far is that of a start
import resource
import time
print(time.process_time() < 1, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 40000, time.thread_time() < 1)
#--- collector of garbage
import gc
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage, gc.get_freeze_count())
#--- audit, trace and profile hooks
import sys
import threading
print(sys.gettrace(), sys.getprofile(), sys.getrecursionlimit(), sys.getswitchinterval(), threading.gettrace(), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())
#--- hooks for errors
import sys
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, sys.unraisablehook is sys.__unraisablehook__, sys.breakpointhook is sys.__breakpointhook__)
#--- frames
import sys
import threading
frame = sys._getframe()
print(frame.f_back, frame.f_code, frame.f_lineno, len(sys._current_frames()), threading.enumerate(), threading.main_thread().ident == threading.get_ident())
#--- hash of texts is anyone's own
import os
import sys
print(sys.hash_info, os.environ.get("PYTHONHASHSEED"), sys.flags.hash_randomization)
#--- seeds are not there before they are asked for
import sys
print("random" in sys.modules, "uuid" in sys.modules)
import random
print(random.getstate()[1][-1], 0 <= random.random() < 1)
#--- locale and time zone
import locale
import time
print(locale.getlocale(), locale.setlocale(locale.LC_ALL), locale.getpreferredencoding(), time.tzname, locale.getencoding())
#--- encodings
import sys
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), "é".encode("idna"), codecs if "codecs" in globals() else None)
#--- registry of codecs
import codecs
import encodings
print(encodings.__file__, encodings.__path__, sorted(encodings._cache), codecs.lookup("latin-1"), encodings.__spec__.loader.path)
#--- parent of the package of codecs
import encodings.latin_1
import sys
print(sys.modules["encodings"] is encodings, sys.modules["encodings.utf_8"] is encodings.utf_8, encodings.latin_1.getregentry())
#--- site customisation
import sitecustomize
import sys
print(sitecustomize.__file__, sitecustomize.__spec__, sys.modules["sitecustomize"] is sitecustomize, sorted(vars(sitecustomize)))
#--- builtins that site adds
import builtins
print([repr(getattr(builtins, name, None)) for name in ("exit", "quit", "copyright", "credits", "license", "help")])
#--- interactive hook and name
import sys
print(hasattr(sys, "ps1"), sys.__interactivehook__, hasattr(sys, "last_exc"))
#--- memory that is traced
import tracemalloc
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
#--- build and thread facts
import sys
import sysconfig
print(sysconfig.get_paths(), sys.thread_info, sys.float_info.max, sys.getallocatedblocks() > 0, sysconfig.get_config_var("SOABI"))
