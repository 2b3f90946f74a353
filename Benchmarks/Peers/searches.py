"""Searches for many values at once, by libraries that Hush is measured beside."""


def make_search(library, values):
    """A function from a text to the places of the values in it, as pairs of positions."""
    if library == "hyperscan":
        import hyperscan

        database = hyperscan.Database()
        database.compile(expressions=values, ids=list(range(len(values))), elements=len(values), literal=True)
        lengths = [len(value) for value in values]

        def search(text):
            found = []
            # A value begins its length before its end. Asked for starts, the library is slower.
            database.scan(
                text,
                match_event_handler=lambda id, start, end, flags, context: found.append((end - lengths[id], end)),
            )
            return sorted(found)

        return search
    import ahocorasick_rs

    automaton = ahocorasick_rs.BytesAhoCorasick(values, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def search(text):
        return [(start, end) for _, start, end in automaton.find_matches_as_indexes(text)]

    return search
