#--- standard streams
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.name, stream.mode, stream.encoding, stream.errors, stream.newlines, stream.line_buffering, stream.write_through, stream.isatty(), stream.fileno(), stream.seekable())
#--- layers of standard streams
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(type(stream), type(stream.buffer), type(getattr(stream.buffer, "raw", None)), stream.closed)
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__, sys.stdin.buffer.raw)
#--- input that is read by line
#<<< one\ntwo\n\nlast
print(repr(input()), repr(input("? ")), repr(input()), repr(input()))
try:
    input()
except EOFError as error:
    print("end", error)
#--- input that is read whole
#<<< one\r\ntwo\rthree €
import sys
print(repr(sys.stdin.read()))
#--- input that is read as bytes
#<<< one\0two €
import sys
print(sys.stdin.buffer.read(3), sys.stdin.buffer.peek(1)[:1], sys.stdin.buffer.read())
#--- input that is iterated
#<<< a\nb\nc
import sys
for line in sys.stdin:
    print([line])
#--- input that is read below
#<<< raw bytes
import os
print(os.read(0, 3), os.read(0, 100), os.read(0, 100))
#--- input that is left to a child
#<<< one\ntwo\n
import subprocess
print(subprocess.run(["/bin/cat"], stdout=subprocess.PIPE).stdout)
#--- no input at all
import sys
print(repr(sys.stdin.read()), repr(sys.stdin.readline()))
#--- an end of input is an error
input()
#--- input and a change of its encoding
#<<< é
import sys
sys.stdin.reconfigure(encoding="latin-1")
print(ascii(sys.stdin.read()))
#--- a seek in the input
import sys
try:
    sys.stdin.seek(0)
except OSError as error:
    print(type(error), error)
#--- output without a line break
print("no break", end="")
#--- output is not held back
import os
import sys
print("first", end="")
os.write(1, b" second")
sys.stdout.write(" third")
os.write(1, b" fourth\n")
#--- output is there before the end
import os
import sys
sys.stdout.write("held?")
os._exit(0)
#--- output of both kinds
import sys
for number in range(20):
    print(number)
    print(-number, file=sys.stderr)
#--- output of bytes
import sys
sys.stdout.buffer.write(bytes(range(256)))
#--- output of every kind of letter
print("€ é \U0001f600 \u0000 \r\n \x1b")
#--- output of a lone surrogate
print("\ud800")
#--- much output
print("x" * 300_000)
#--- output of many lines
for number in range(5000):
    print(number)
#--- output with a change of its encoding
import sys
sys.stdout.reconfigure(encoding="utf-16", errors="replace")
print("é")
#--- output that is buffered again
import os
import sys
sys.stdout = open(1, "w", buffering=4096, closefd=False)
print("later")
os.write(1, b"sooner\n")
#--- output of print with its options
print(1, 2, 3, sep="-", end="!\n", flush=True)
#--- logging
import logging
logging.warning("careful")
logging.getLogger("x").error("failed %d", 1)
#--- a terminal that is none
import os
import shutil
print(os.isatty(0), os.isatty(1), shutil.get_terminal_size())
try:
    os.ttyname(0)
except OSError as error:
    print(error)
#--- a password without a terminal
#<<< secret\n
import getpass
print(getpass.getpass())
