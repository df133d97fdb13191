# The first module that an interpreter imports from a file, and that it finds here because the launcher starts it here. Nothing of the sandbox may have a say
# before the job is there, so the site packages of its user are not looked for in /workspace yet: sitecustomize.py makes up for that.
import posix
import sys

here = sys.path[0]
if posix.getcwd() == here:
    posix.environ[b"HOME"] = here.encode()
    del sys.path[0]
else:
    # A later interpreter of the same process begins with the path that the first one began with.
    sys.path[0] = "/workspace"
    del sys.path_importer_cache[here]
    here = None
del sys.modules["encodings"]
import encodings

if here:
    sys.path.insert(0, here)
