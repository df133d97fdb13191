import os

# Halves of a surrogate pair as CESU-8 has them, overlong forms, a code point beyond the last, and a sequence that does not end.
os.write(1, b"\xed\xa0\x80 \xed\xbf\xbf \xc0\xaf \xf4\x90\x80\x80 \xe2\x82")
