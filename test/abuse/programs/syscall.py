import ctypes, errno, os

# One system call by its x86-64 number: $CALL is the number and its arguments, "@text" for a string.
number, *arguments = os.environ["CALL"].split()
libc = ctypes.CDLL(None, use_errno=True)
given = [ctypes.c_char_p(text[1:].encode()) if text.startswith("@") else ctypes.c_long(int(text, 0)) for text in arguments]
answer = libc.syscall(ctypes.c_long(int(number)), *given)
if answer == 0 and int(number) == 56:
    os._exit(0)
print("held: " + errno.errorcode.get(ctypes.get_errno(), "?") if answer < 0 else f"ESCAPED: {answer}", flush=True)
