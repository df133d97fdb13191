import errno, os, socket, threading

# Connections and datagrams to what is not the public internet. Whoever takes, refuses or answers one has been reached.
def gateway():
    with open("/proc/net/route") as routes:
        for fields in map(str.split, list(routes)[1:]):
            if fields[1] == "00000000":
                return socket.inet_ntoa(bytes.fromhex(fields[2])[::-1])
    return "127.255.255.254"

def attempt(protocol, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM) as client:
        client.settimeout(3)
        client.connect((address, port))
        if protocol == "tcp":
            return
        # A question for a name, which a resolver answers; others answer anything.
        client.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\4name\7example\0\0\1\0\1")
        client.recv(512)

def held(target):
    protocol, address, port = target.split(",")
    address = gateway() if address == "gateway" else address
    try:
        attempt(protocol, address, int(port))
        print(f"ESCAPED: {target}\n", end="", flush=True)
    except ConnectionRefusedError:
        print(f"ESCAPED: {target} (refused)\n" if not address.startswith("127.") else f"held: {target}\n", end="", flush=True)
    except OSError as refused:
        print(f"held: {target} {errno.errorcode.get(refused.errno, refused)}\n", end="", flush=True)

tries = [threading.Thread(target=held, args=(target,)) for target in os.environ["TARGETS"].split()]
for each in tries:
    each.start()
for each in tries:
    each.join()
