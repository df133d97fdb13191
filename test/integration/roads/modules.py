#--- a module of the job
import helper
#+++ /workspace/helper.py
import sys
value = 1
print(__name__, __file__, __spec__.cached, sys.path[0])
#--- a module of the job, imported
import helper
import os
print(helper.value, sorted(os.listdir("/workspace")), helper.__cached__)
#+++ /workspace/helper.py
value = 2
#--- a package of the job
from package.part import name
print(name)
#+++ /workspace/package/__init__.py
print("package", __path__)
#+++ /workspace/package/part.py
name = __name__
#--- a package without its file
import space.part
print(space, space.part.name, space.__spec__.loader.__class__.__name__)
#+++ /workspace/space/part.py
name = __name__
#--- a module beside the code
import beside
print(beside.__file__)
#+++ /tmp/coracle/beside.py
#--- a module that fails
import broken
#+++ /workspace/broken.py
def f():
    raise ValueError("in the module")


f()
#--- a module with bad syntax
import broken
#+++ /workspace/broken.py
value = (
#--- a module that is made while it runs
import os
import time
open("/workspace/made.py", "w").write("value = 3")
import made
print(made.value)
#--- a module that is missing, then made
import importlib
try:
    import made
except ImportError as error:
    print(error)
open("/workspace/made.py", "w").write("value = 3")
importlib.invalidate_caches()
import made
print(made.value)
#--- a module that is loaded again
import importlib
import helper
open("/workspace/helper.py", "w").write("value = 'changed, and longer'")
print(helper.value, importlib.reload(helper).value)
#+++ /workspace/helper.py
value = 1
#--- a shadow of random beside the code
import random
print(random.__file__, random.value)
#+++ /tmp/coracle/random.py
value = 1
#--- a shadow of json in the workspace
import json
print(json.__file__)
#+++ /workspace/json.py
#--- a shadow of os does nothing
import os
print(os.__file__)
#+++ /workspace/os.py
raise SystemExit("never")
#--- a shadow of io does nothing
import io
print(io.__spec__)
#+++ /workspace/io.py
raise SystemExit("never")
#--- a shadow of select
import select
print(select.__spec__)
#+++ /workspace/select.py
print("select of the job")
#--- a shadow of the site customisation
import sys
print(sys.stdout.buffer, sys.modules["sitecustomize"], "end")
#+++ /workspace/sitecustomize.py
import sys
sys.path.append("/added")
#--- a shadow of the site customisation that fails
print("end")
#+++ /workspace/sitecustomize.py
def f():
    raise ValueError("too early")


f()
#--- a shadow of the site customisation that leaves
print("never")
#+++ /workspace/sitecustomize.py
raise SystemExit(3)
#--- a folder named as the site customisation
import sitecustomize
print(sitecustomize.__file__)
#+++ /workspace/sitecustomize/notes.txt
#--- a package named as the site customisation
import sitecustomize
print(sitecustomize.__file__)
#+++ /workspace/sitecustomize/__init__.py
print("customised", __path__)
#--- a customisation by the user
import sys
print("usercustomize" in sys.modules, sys.modules["usercustomize"].__file__)
#+++ /workspace/usercustomize.py
print("customised by the user")
#--- a customisation by the user that fails
print("end")
#+++ /workspace/usercustomize.py
1 / 0
#--- a shadow of the encodings
import encodings
print(encodings.__file__)
#+++ /workspace/encodings/__init__.py
raise ImportError("of the job")
#--- a shadow of the encodings in one file
print("never")
#+++ /workspace/encodings.py
#--- a folder named as the encodings
import encodings
print(encodings.__file__)
#+++ /workspace/encodings/notes.txt
#--- a shadow of a codec does nothing
import encodings.utf_8
print(encodings.utf_8.__file__)
#+++ /workspace/utf_8.py
#--- site packages of the user
import sys
import extra
print(sys.path, extra.value)
#+++ /workspace/.local/lib/python3.13/site-packages/extra.py
value = 1
#--- site packages of the user with a path file
import sys
print(sys.path)
#+++ /workspace/.local/lib/python3.13/site-packages/extra.pth
/tmp
import sys; print("from the path file", sys.argv if hasattr(sys, "argv") else None)
#--- a customisation in the site packages of the user
import usercustomize
print(usercustomize.__file__)
#+++ /workspace/.local/lib/python3.13/site-packages/usercustomize.py
print("customised")
#--- a compiled module without its source
import os
import py_compile
import sys
open("/workspace/only.py", "w").write("value = 4")
py_compile.compile("/workspace/only.py", "/workspace/only.pyc")
os.remove("/workspace/only.py")
import only
print(only.value, only.__file__)
#--- what the machinery knows
import importlib.util
import pkgutil
print(importlib.util.find_spec("json"), importlib.util.find_spec("nothing_of_that_name"), [name for _, name, _ in pkgutil.iter_modules(["/workspace"])])
#--- resources of a package
import importlib.resources
print(importlib.resources.files("package").joinpath("data.txt").read_text())
#+++ /workspace/package/__init__.py
#+++ /workspace/package/data.txt
data
#--- versions of installed packages
import importlib.metadata
print(importlib.metadata.version("numpy"), len(list(importlib.metadata.distributions())))
#--- temporary files
import os
import tempfile
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
    print(os.path.dirname(file.name), os.path.dirname(folder), tempfile.gettempdir(), os.stat(file.name).st_mode)
#--- numpy
import numpy
print(numpy.arange(5).sum(), numpy.__file__)
#--- a database
import sqlite3
connection = sqlite3.connect(":memory:")
print(connection.execute("select 1 + 1").fetchall())
#--- a class of data, an enumeration and types
import dataclasses
import enum
import typing


@dataclasses.dataclass
class Point:
    x: int


print(Point(1), enum.Enum("Colour", "RED")(1), typing.get_type_hints(Point))
#--- time
import datetime
import time
print(datetime.datetime.now().year > 2000, time.get_clock_info("monotonic"), time.timezone)
#--- a link in the workspace
import os
os.symlink("/workspace/real.py", "/workspace/linked.py")
import linked
print(linked.__file__)
#+++ /workspace/real.py
