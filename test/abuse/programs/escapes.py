import os

# What a terminal or a web page would act on, and what would end a JSON text or a server-sent event early.
os.write(1, b'\x1b[2J\x1b]0;title\x07\x1b[5n</script>"}\n\ndata: forged\n\n\r\n\x7f\xe2\x80\xa8\xe2\x80\xae')
