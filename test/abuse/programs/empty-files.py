import errno, os

# Takes no room, but an inode each.
folder = os.environ["FOLDER"]
made = 0
try:
    while made < 1_000_000:
        os.close(os.open(f"{folder}/{made}", os.O_CREAT | os.O_WRONLY))
        made += 1
    print("ESCAPED:", made, "files", flush=True)
except OSError as refused:
    print("held:", errno.errorcode[refused.errno], "after", made, "files", flush=True)
