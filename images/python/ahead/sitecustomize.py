# Where an interpreter that the launcher has started ahead waits for its job: it has imported what every Python program starts with, and is about to look
# at the sandbox for the first time. It goes on where it would have without this, if the job is to run what it was started as; else it becomes the job's program.
import _signal
import errno
import os
import site
import sys

AHEAD = "/opt/coracle/ahead"
NO_JOB_EXIT_CODE = 125


def whole(descriptor):
    with open(descriptor, "rb", buffering=0) as file:
        return file.read()


def wait():
    """What the launcher has to say: it comes by the descriptor that it has left open, and ends with the launcher."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    told = whole(3).split(b"\0")
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    if told.pop() != b"end":
        os._exit(NO_JOB_EXIT_CODE)
    return told


def is_started_as(directory, run, env):
    return directory == b"/workspace" and whole("/proc/self/cmdline").split(b"\0")[:-1] == run and whole("/proc/self/environ").split(b"\0")[:-1] == env


def has_own(directory):
    """Whether the sandbox has files that would have had a say by now."""
    specs = [sys.meta_path[-1].find_spec(name, [directory]) for name in ("encodings", "sitecustomize")]
    return any(spec and spec.loader for spec in specs) or os.path.isdir(site.getusersitepackages())


def catch_up(directory):
    os.environ._data[b"HOME"] = sys.modules["posix"].environ[b"HOME"] = directory.encode()
    site.USER_BASE = site.USER_SITE = None
    sys.path[sys.path.index(AHEAD)] = directory
    del sys.path_importer_cache[AHEAD]
    others = dict(sys.path_importer_cache)
    sys.path_importer_cache.clear()
    sys.meta_path[-1].find_spec("encodings", [directory])
    sys.path_importer_cache.update(others)


def become(run, env):
    """As execvp(3) of the launcher does."""
    for ignored in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(ignored, _signal.SIG_DFL)
    env = dict(variable.split(b"=", 1) for variable in env)
    program = os.fsdecode(run[0])
    failure = None
    for path in [program] if "/" in program else [f"{folder}/{program}" for folder in os.get_exec_path(env)]:
        try:
            os.execve(path, run, env)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                os.execve("/bin/sh", ["/bin/sh", path, *run[1:]], env)
            failure = error if failure is None or error.errno == errno.EACCES else failure
    os.write(2, os.fsencode(f"coracle: cannot start {program}: {failure.strerror}\n"))
    os._exit(127)


def main():
    kind, *fields = wait()
    if kind == b"exit":
        os._exit(int(fields[0]))
    directory, count, *words = fields
    run, env = words[: int(count)], words[int(count) :]
    os.chdir(directory)
    if not is_started_as(directory, run, env):
        become(run, env)
    catch_up(os.fsdecode(directory))
    if has_own(os.fsdecode(directory)):
        become(run, env)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)


try:
    main()
except BaseException as error:
    # Whoever imports this would go on without it, and run what is not to be run.
    os.write(2, os.fsencode(f"coracle: {error!r}\n"))
    os._exit(126)
del sys.modules["sitecustomize"]
import sitecustomize
