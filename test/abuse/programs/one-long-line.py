import sys

for _ in range(40):
    sys.stdout.write("x" * 1_000_000)
