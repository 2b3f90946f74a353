"""Replaces values in standard input by [REDACTED], by a library that looks for many at once: filter.py LIBRARY VALUES"""

import sys

library, path = sys.argv[1:]
values = open(path, "rb").read().split(b"\n")
text = sys.stdin.buffer.read()

if library == "hyperscan":
    import hyperscan

    database = hyperscan.Database()
    flags = [hyperscan.HS_FLAG_SOM_LEFTMOST] * len(values)
    database.compile(expressions=values, ids=list(range(len(values))), elements=len(values), flags=flags, literal=True)
    found = []
    database.scan(text, match_event_handler=lambda id, start, end, flags, context: found.append((start, end)))
else:
    import ahocorasick_rs

    automaton = ahocorasick_rs.BytesAhoCorasick(values, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    found = [(start, end) for _, start, end in automaton.find_matches_as_indexes(text)]

position = 0
write = sys.stdout.buffer.write
view = memoryview(text)
for start, end in sorted(found):
    write(view[position:start])
    write(b"[REDACTED]")
    position = end
write(view[position:])
