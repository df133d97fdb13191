import errno, os

held = []
try:
    while len(held) < 1_000_000:
        held.append(os.open("/dev/null", os.O_RDONLY))
    print("ESCAPED:", len(held))
except OSError as refused:
    print("held:", errno.errorcode[refused.errno], "after", len(held))
