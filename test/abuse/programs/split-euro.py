import os

# Every write is a piece of a character.
for _ in range(500):
    for byte in "€".encode():
        os.write(1, bytes([byte]))
        os.write(2, bytes([byte]))
