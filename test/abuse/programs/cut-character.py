import os

# One byte, and then characters of three: wherever a limit or a window cuts, it is inside one.
os.write(1, b"x" + "€".encode() * 700_000)
