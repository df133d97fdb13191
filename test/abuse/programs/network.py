import errno, os, socket

# Every way out: by address, by name, to the host, to its neighbours, to what clouds tell their machines.
def held(what, work):
    try:
        work()
        print("ESCAPED:", what, flush=True)
    except OSError as refused:
        print("held:", what, errno.errorcode.get(refused.errno, refused), flush=True)

def connect(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(1)
        client.connect((address, port))

for target in os.environ["TARGETS"].split():
    address, port = target.rsplit(",", 1)
    held(target, lambda: connect(address, int(port)))

def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("8.8.8.8", 53))

held("udp", send)
held("names", lambda: socket.getaddrinfo("debian.org", 80))
interfaces = [name for _, name in socket.if_nameindex()]
usable = [name for name in interfaces if name not in ("lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6gre0")]
print("ESCAPED: " + " ".join(usable) if usable else "held: only lo", flush=True)
