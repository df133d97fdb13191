import errno, socket

families = {"packet": (17, socket.SOCK_RAW, 3), "icmp": (2, socket.SOCK_RAW, 1), "ip": (2, socket.SOCK_RAW, 255), "algorithms": (38, socket.SOCK_SEQPACKET, 0),
            "vsock": (40, socket.SOCK_STREAM, 0), "bluetooth": (31, socket.SOCK_RAW, 1), "audit": (16, socket.SOCK_RAW, 9), "netfilter": (16, socket.SOCK_RAW, 12),
            "xdp": (44, socket.SOCK_RAW, 0), "tipc": (30, socket.SOCK_SEQPACKET, 0), "can": (29, socket.SOCK_RAW, 1), "key": (15, socket.SOCK_RAW, 2)}
for name, (family, kind, protocol) in families.items():
    try:
        socket.socket(family, kind, protocol)
        print("ESCAPED:", name, flush=True)
    except OSError as refused:
        print("held:", name, errno.errorcode[refused.errno], flush=True)
