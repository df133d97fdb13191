#--- an empty line

#--- unicode names
größe = 1
print(größe, "ℌ".isidentifier())
#--- a cookie for latin-1
# -*- coding: latin-1 -*-
print(ascii("é"))
#--- a cookie in the second line
#!/usr/bin/python3
# vim: set fileencoding=iso-8859-15 :
print(ascii("€"))
#--- a cookie of a name that nobody knows
# coding: nothing-of-that-name
print("never")
#--- a cookie that is no text encoding
# coding: base64
print("never")
#--- a cookie of ASCII, and more than that
# coding: ascii
print("é")
#--- a future
from __future__ import annotations


def f(value: nothing_of_that_name) -> also_nothing:
    return value


print(f.__annotations__)
#--- a long file
values = [
] + list(range(3))
print(values)
#--- its own source
import inspect


def f():
    return 1  # as written


print(inspect.getsource(f), inspect.getfile(f), inspect.getsourcefile(f), inspect.getmodule(f))
#--- its own file
import os
import stat
print(open(__file__).read(), oct(os.stat(__file__).st_mode), os.stat(__file__).st_nlink, sorted(os.listdir(os.path.dirname(__file__))))
#--- its own file is removed
import os
os.remove(__file__)
1 / 0
#--- its own module again
import sys
if __name__ == "__main__":
    import main
    print(main.__name__, main.__file__, main is sys.modules["__main__"])
else:
    print("imported", __name__)
#--- the main module by its name
import __main__
value = 1
print(__main__.value, __main__.__file__, __main__.__spec__)
#--- pickles of its own classes
import pickle


class Point:
    def __init__(self, x):
        self.x = x


data = pickle.dumps(Point(3))
print(data, pickle.loads(data).x, Point, Point.__module__)
#--- a module run as a program
import runpy
print(runpy.run_module("tool", run_name="__main__")["__name__"])
#+++ /workspace/tool.py
import sys
print(__name__, sys.argv[0], __spec__.name if __spec__ else None)
#--- a path run by runpy
import runpy
import sys
open("/workspace/part.py", "w").write("import sys; print(__name__, __file__, sys.argv)")
print(sorted(runpy.run_path("/workspace/part.py", run_name="x"))[:3])
#--- a zip run by runpy
import runpy
import sys
import zipfile
with zipfile.ZipFile("/workspace/app.zip", "w") as archive:
    archive.writestr("__main__.py", "import helper; print(helper.value, __name__)")
    archive.writestr("helper.py", "value = 1")
runpy.run_path("/workspace/app.zip", run_name="__main__")
#--- a debugger that steps
#<<< n\np value\nc\n
import pdb
pdb.set_trace()
value = 5
print("end")
#--- a breakpoint
#<<< w\nc\n
breakpoint()
print("end")
#--- a profiler
import cProfile
import pstats
profile = cProfile.Profile()
profile.runcall(sum, range(10))
print(sorted(pstats.Stats(profile).stats)[:1])
#--- a tracer
import sys
lines = []
sys.settrace(lambda frame, event, value: lines.append((frame.f_code.co_name, event)))


def f():
    return 1


f()
sys.settrace(None)
print(lines)
#--- a documentation test
"""
>>> 1 + 1
3
"""
import doctest
print(doctest.testmod())
#--- a unit test
import unittest


class Test(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(1 + 1, 3)


result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromModule(__import__("__main__")).run(result)
print(result, result.failures[0][1])
#--- code objects
def f():
    pass


print(f.__code__.co_filename, f.__code__.co_firstlineno, f.__module__, f.__qualname__)
#--- an interactive console
#<<< 1 + 1\nimport sys; sys.path[0]\n1 / 0\n
import code
code.interact(banner="", exitmsg="bye")
#--- help
help(abs)
