import os

# The child is the one that the kernel picks; the parent lives on and ends as it likes.
child = os.fork()
if child == 0:
    held = []
    while True:
        held.append(b"x" * (4 << 20))
_, status = os.waitpid(child, 0)
print("held: the child died of signal", os.WTERMSIG(status), flush=True)
