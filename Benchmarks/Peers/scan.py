"""Prints how many bytes a second a library looks through, the whole text in one call: scan.py LIBRARY VALUES TEXT"""

import sys
import time

from searches import make_search

library, values, path = sys.argv[1:]
search = make_search(library, open(values, "rb").read().split(b"\n"))
text = open(path, "rb").read()

# A first look brings the library's tables into the processor's caches.
search(text[: 1 << 20])
start = time.perf_counter()
found = search(text)
print(len(text) / (time.perf_counter() - start), len(found))
