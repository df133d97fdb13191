import os

# Deeper than any path can name: what removes this must not recurse by path.
os.chdir(os.environ["FOLDER"])
made = 0
try:
    while made < 20_000:
        os.mkdir("d")
        os.chdir("d")
        made += 1
except OSError as refused:
    print(refused, flush=True)
print("made", made, flush=True)
