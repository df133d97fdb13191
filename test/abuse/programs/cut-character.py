import sys

# One byte, and then characters of three: wherever a limit or a window cuts, it is inside one.
sys.stdout.write("x" + "€" * 700_000)
