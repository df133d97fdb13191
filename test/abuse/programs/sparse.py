import errno, os

# Says that it is a terabyte and takes nothing: whatever reads, copies or archives it would pay.
folder = os.environ["FOLDER"]
try:
    with open(f"{folder}/sparse", "wb") as file:
        file.truncate(1 << 40)
    print("ESCAPED: a sparse tebibyte")
except OSError as refused:
    print("held:", errno.errorcode[refused.errno])
