import re

# PID 1 has the same user, so its memory may be read: it must hold nothing but the init's own.
found, read = [], 0
try:
    with open("/proc/1/maps") as maps, open("/proc/1/mem", "rb", buffering=0) as memory:
        for line in maps:
            first, last = (int(part, 16) for part in line.split()[0].split("-"))
            try:
                memory.seek(first)
                content = memory.read(min(last - first, 8 << 20))
            except (OSError, OverflowError, ValueError):
                continue
            read += len(content)
            found += re.findall(rb"CORACLE_[A-Z]+|docker\.sock|eyJ[\w-]{20,}", content)
    print(f"ESCAPED: {found}" if found else f"held: nothing of the server's in {read} bytes", flush=True)
except OSError as refused:
    print("held:", refused, flush=True)
