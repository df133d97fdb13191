# Python's unbuffered standard streams take a short write for a whole one and drop the rest. Linux's pipes never write short, but gVisor's take
# what has room: there a program that prints faster than it is read would lose pieces of its output.
import io
import select
import sys


class WholeWriter(io.FileIO):
    def write(self, data):
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            written = super().write(left)
            if written is None:
                select.select([], [self], [])
            else:
                left = left[written:]
        return size


def write_whole(name):
    stream = getattr(sys, name)
    raw = getattr(stream, "buffer", None)
    if type(raw) is not io.FileIO:
        return
    writer = WholeWriter(raw.fileno(), "w", closefd=False)
    wrapped = io.TextIOWrapper(writer, encoding=stream.encoding, errors=stream.errors, line_buffering=stream.line_buffering, write_through=True)
    wrapped.mode = "w"
    setattr(sys, name, wrapped)
    setattr(sys, f"__{name}__", wrapped)


write_whole("stdout")
write_whole("stderr")
