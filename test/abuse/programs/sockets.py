import errno, socket

held = []
try:
    while len(held) < 100_000:
        held += socket.socketpair()
    print("ESCAPED:", len(held))
except OSError as refused:
    print("held:", errno.errorcode[refused.errno], "after", len(held))
