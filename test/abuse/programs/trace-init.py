import ctypes, errno, os

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
for what, request in (("attach", PTRACE_ATTACH), ("seize", PTRACE_SEIZE)):
    answer = libc.ptrace(request, 1, 0, 0)
    print(f"held: {what} " + errno.errorcode[ctypes.get_errno()] if answer < 0 else f"ESCAPED: {what}", flush=True)
