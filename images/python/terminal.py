"""A shell in a terminal of its own, for a caller who has pipes only.

Standard input has frames: a letter, a length (4 bytes, big-endian) and so many bytes. `d` is what is typed; `r` is a new size, "COLUMNS ROWS". What the
terminal shows goes to standard output as it is. The exit code is the shell's.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

PIECE_BYTES = 65536


def resize(terminal, text):
    columns, rows = (max(1, min(1000, int(number))) for number in text.split())
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


class Frames:
    def __init__(self):
        self.held = b""

    def take(self, data):
        self.held += data
        while len(self.held) >= 5:
            end = 5 + struct.unpack(">I", self.held[1:5])[0]
            if len(self.held) < end:
                return
            yield self.held[:1], self.held[5:end]
            self.held = self.held[end:]


def show(terminal):
    """Passes on what the terminal shows; false when it will show nothing more."""
    try:
        data = os.read(terminal, PIECE_BYTES)
    except OSError:
        return False
    write_all(1, data)
    return len(data) > 0


def relay(terminal, ended):
    frames = Frames()
    while True:
        ready, _, _ = select.select([terminal, 0, ended], [], [])
        if terminal in ready and not show(terminal):
            return
        # gVisor does not tell of a terminal that nobody has open any more.
        if ended in ready:
            while select.select([terminal], [], [], 0)[0] and show(terminal):
                pass
            return
        if 0 in ready:
            data = os.read(0, PIECE_BYTES)
            if not data:
                return
            for kind, content in frames.take(data):
                resize(terminal, content) if kind == b"r" else write_all(terminal, content)


def notice_end():
    """A descriptor that can be read once a child has ended."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(wake)
    return ended


def main(size, program):
    ended = notice_end()
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(program[0], program)
    resize(terminal, size)
    relay(terminal, ended)
    os.close(terminal)
    try:
        os.kill(child, signal.SIGHUP)
    except ProcessLookupError:
        pass
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main(sys.argv[1], sys.argv[2:])
