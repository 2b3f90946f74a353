"""Replaces values in standard input by [REDACTED], by a library that looks for many at once: filter.py LIBRARY VALUES"""

import sys

from searches import make_search

library, path = sys.argv[1:]
search = make_search(library, open(path, "rb").read().split(b"\n"))
text = sys.stdin.buffer.read()

position = 0
write = sys.stdout.buffer.write
view = memoryview(text)
for start, end in search(text):
    write(view[position:start])
    write(b"[REDACTED]")
    position = end
write(view[position:])
