import os, signal

os.chdir("/workspace")
child = os.fork()
if child == 0:
    ballast = b"x" * (16 << 20)
    os.kill(os.getpid(), signal.SIGSEGV)
_, status = os.waitpid(child, 0)
print("ESCAPED: dumped" if os.WCOREDUMP(status) or any("core" in name for name in os.listdir(".")) else "held: no core", flush=True)
