import errno, fcntl, socket, struct

# Ways to pass for somebody else, or around the rules that know a container by its bridge.
def held(what, work):
    try:
        work()
        print("ESCAPED:", what, flush=True)
    except OSError as refused:
        print("held:", what, errno.errorcode.get(refused.errno, refused), flush=True)

def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

def ioctl(request, payload):
    def work():
        with udp() as client:
            fcntl.ioctl(client, request, struct.pack("16s", b"eth0") + payload)
    return work

def sockaddr(address):
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))

def option(level, name, value):
    def work():
        with udp() as client:
            client.setsockopt(level, name, value)
    return work

IP_FREEBIND, IP_TRANSPARENT, SO_MARK, SO_PRIORITY = 15, 19, 36, 12

def another_source():
    with udp() as client:
        client.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        client.bind(("198.18.255.254", 4000))
        client.sendto(b"x", ("8.8.8.8", 53))

def route():
    with udp() as client:
        entry = struct.pack("L", 0) + sockaddr("0.0.0.0") + sockaddr("198.18.0.1") + sockaddr("0.0.0.0") + struct.pack("H", 3) + bytes(80)
        fcntl.ioctl(client, 0x890B, entry)

def add_address():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        body = struct.pack("BBBBi", socket.AF_INET, 28, 0, 0, 2) + struct.pack("HH4s", 8, 2, socket.inet_aton("198.18.0.9"))
        kernel.send(struct.pack("IHHII", 16 + len(body), 20, 5, 1, 0) + body)
        code = struct.unpack("i", kernel.recv(4096)[16:20])[0]
        if code:
            raise OSError(-code, "refused")

held("another address", ioctl(0x8916, sockaddr("198.18.0.9")))
held("another address by netlink", add_address)
held("another hardware address", ioctl(0x8924, struct.pack("H6s8x", 1, b"\2\0\0\0\0\1")))
held("the interface down", ioctl(0x8914, struct.pack("H", 0)))
held("another route", route)
held("another source", another_source)
held("a transparent socket", option(socket.IPPROTO_IP, IP_TRANSPARENT, 1))
held("a mark", option(socket.SOL_SOCKET, SO_MARK, 7))
held("a high priority", option(socket.SOL_SOCKET, SO_PRIORITY, 7))
held("raw packets", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).close())
held("frames", lambda: socket.socket(17, socket.SOCK_RAW, 3).close())
