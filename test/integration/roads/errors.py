#--- an uncaught error
def inner(value):
    return 1 / value


def outer():
    return inner(0)


outer()
#--- an error with a cause
try:
    {}["missing"]
except KeyError as error:
    raise ValueError("not there") from error
#--- an error while another is handled
try:
    {}["missing"]
except KeyError:
    [][1]
#--- an error whose cause is hidden
try:
    {}["missing"]
except KeyError:
    raise ValueError("quiet") from None
#--- a group of errors
raise ExceptionGroup("several", [ValueError(1), ExceptionGroup("nested", [TypeError("two"), KeyError("three")])])
#--- an error with notes
error = ValueError("noted")
error.add_note("first\nsecond")
raise error
#--- a bad syntax
print("never")
print("here" if)
#--- a bad syntax over several lines
value = (1,
         2
print(value)
#--- a bad indentation
def f():
print("x")
#--- mixed tabs
if True:
        a = 1
	b = 2
#--- a text without its end
text = "without end
#--- a bad assignment
f() = 1
#--- a bad escape warns
print("\d")
#--- a bad future
from __future__ import tomorrow
#--- a late future
x = 1
from __future__ import annotations
#--- a return outside
return 1
#--- an unknown name with a proposal
number = 1
print(numbr)
#--- an unknown module
import nothing_of_that_name
#--- an unknown part of a module
from os import nothing_of_that_name
#--- an unknown attribute with a proposal
"".splitt
#--- an assertion
assert 1 == 2, "they differ"
#--- too deep a recursion
def down(depth):
    return down(depth + 1)


down(0)
#--- the depth of a recursion
depth = 0


def down():
    global depth
    depth += 1
    down()


try:
    down()
except RecursionError as error:
    print(depth, error)
#--- an error whose text fails
class Odd(Exception):
    def __str__(self):
        raise ValueError


raise Odd()
#--- an error of a text of many lines
raise RuntimeError("one\ntwo\u2028three €\U0001f600 \x00 \x1b[31m")
#--- an error with a lone surrogate
raise RuntimeError("\udc80")
#--- an error of several lines of source
result = sum(
    value
    for value in [1, None]
)
#--- an error in a thread
import threading

thread = threading.Thread(target=lambda: 1 / 0, name="worker")
thread.start()
thread.join()
print("goes on")
#--- an exit in a thread
import sys
import threading

thread = threading.Thread(target=sys.exit, args=(3,))
thread.start()
thread.join()
print("goes on")
#--- an error at the exit
import atexit

atexit.register(lambda: print("last"))
atexit.register(lambda: 1 / 0)
print("first")
#--- an error in a finaliser
class Odd:
    def __del__(self):
        raise ValueError("too late")

    def __repr__(self):
        return "<Odd>"


odd = Odd()
del odd
print("goes on")
#--- a finaliser at the end
class Late:
    def __del__(self):
        print("finalised")


late = Late()
#--- an error in a generator's end
def numbers():
    try:
        yield 1
    finally:
        raise ValueError("closing")


iterator = numbers()
next(iterator)
del iterator
#--- a hook for errors
import sys

sys.excepthook = lambda kind, error, traceback: print("hooked", kind.__name__, error, traceback.tb_lineno, file=sys.stderr)
raise ValueError("x")
#--- a hook for errors that fails
import sys


def hook(*_):
    raise KeyError("hook")


sys.excepthook = hook
raise ValueError("x")
#--- traceback by hand
import traceback

try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
    print(traceback.format_stack())
#--- a warning
import warnings

warnings.warn("careful")
warnings.warn("old", DeprecationWarning)
print(warnings.filters)
#--- a warning as an error
import warnings

warnings.simplefilter("error")
warnings.warn("careful")
#--- a file that is not closed
import gc
import warnings

warnings.simplefilter("always")
open("/dev/null")
gc.collect()
#--- a coroutine that nobody awaits
async def nothing():
    pass


nothing()
#--- an error of code that is compiled at run time
exec(compile("def f():\n    1 / 0\nf()", "<made>", "exec"))
#--- an error in an evaluated text
eval("1 +")
#--- an error in a comprehension and a lambda
[(lambda value: value.missing)(value) for value in range(1)]
#--- an error in a class
class Broken:
    value = 1 / 0
#--- an error of asyncio
import asyncio


async def main():
    asyncio.get_running_loop().create_task(fail(), name="failing")
    await asyncio.sleep(0.01)
    raise ValueError("main")


async def fail():
    raise KeyError("task")


asyncio.run(main())
#--- what faulthandler tells
import faulthandler
import re
import sys

print(faulthandler.is_enabled())
with open("/workspace/trace", "w+") as file:
    faulthandler.dump_traceback(file)
    file.seek(0)
    print(re.sub("0x[0-9a-f]+", "0x", file.read()))
#--- a crash that faulthandler tells
import faulthandler
import os

faulthandler.enable()
faulthandler._sigsegv()
#--- no memory
bytearray(1 << 48)
#--- an interrupted program
raise KeyboardInterrupt
#--- an error of a decoding
b"\xff".decode()
#--- source lines of an error, from the file
import linecache
import sys

try:
    1 / 0
except ZeroDivisionError as error:
    print(linecache.getline(error.__traceback__.tb_frame.f_code.co_filename, error.__traceback__.tb_lineno), sorted(linecache.cache))
