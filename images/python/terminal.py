"""A shell in a terminal of its own, for a caller who has pipes only.

Standard input has frames: a letter, a length (4 bytes, big-endian) and so many bytes. `d` is what is typed; `r` is a new size, "COLUMNS ROWS". What the
terminal shows goes to standard output as it is. The exit code is the shell's.
"""

import fcntl
import os
import pty
import re
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


def sends_signals():
    """Whether the kernel does what Ctrl-C and its like are typed for; gVisor's does not, nor does its terminal tell which processes those concern."""
    terminal, shell = pty.openpty()
    try:
        fcntl.ioctl(terminal, termios.TIOCGPGRP, bytearray(4))
        return True
    except OSError:
        return False
    finally:
        os.close(terminal)
        os.close(shell)


def signal_foreground(wanted, unused):
    """Leaves a process in the terminal's session, the only place where its foreground is known, that sends there the signals whose numbers come."""
    between = os.fork()
    if between > 0:
        os.waitpid(between, 0)
        return
    os.setpgid(0, 0)
    if os.fork() > 0:
        os._exit(0)
    os.close(unused)
    while number := os.read(wanted, 1):
        try:
            os.killpg(os.tcgetpgrp(0), number[0])
        except OSError:
            pass
    os._exit(0)


def type_in(terminal, content, signals):
    if signals is None:
        return write_all(terminal, content)
    _, _, _, modes, _, _, keys = termios.tcgetattr(terminal)
    meant = {keys[termios.VINTR]: signal.SIGINT, keys[termios.VQUIT]: signal.SIGQUIT, keys[termios.VSUSP]: signal.SIGTSTP}
    if not modes & termios.ISIG:
        return write_all(terminal, content)
    for part in re.split(b"([" + re.escape(b"".join(meant)) + b"])", content):
        if part not in meant:
            write_all(terminal, part)
            continue
        write_all(1, b"^" + bytes([part[0] ^ 0x40]) if modes & termios.ECHO else b"")
        os.write(signals, bytes([meant[part]]))


def relay(terminal, ended, signals):
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
                resize(terminal, content) if kind == b"r" else type_in(terminal, content, signals)


def notice_end():
    """A descriptor that can be read once a child has ended."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(wake)
    return ended


def main(size, program):
    ended = notice_end()
    wanted, signals = (None, None) if sends_signals() else os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        # Otherwise the end of a child of its own would be told as its own end.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if signals is not None:
            signal_foreground(wanted, signals)
        os.execvp(program[0], program)
    resize(terminal, size)
    relay(terminal, ended, signals)
    os.close(terminal)
    try:
        os.kill(child, signal.SIGHUP)
    except ProcessLookupError:
        pass
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main(sys.argv[1], sys.argv[2:])
