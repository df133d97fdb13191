import sys

sys.stdout.buffer.write(b"\0" * 100_000)
