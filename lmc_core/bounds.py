"""How much is read of what comes from outside; more is refused before anything looks into it."""

LONGEST_VALUE = 4_000
"""Characters of one setting, as a link, a field or the command line gives it; the longest that a spec can have are some hundred."""
LONGEST_LINK = 10_000
"""Characters of all names and values of a link together."""
MOST_PARAMETERS = 100
"""Parameters of a link; a spec has some forty fields."""
LONGEST_FACTOR = 20_000
"""Characters of a sweep's factor on the command line: so many values of twenty characters as a sweep may have cells."""
LONGEST_SPEC = 20_000
"""Characters of a spec as JSON; one has some hundred."""
LONGEST_FILE = 4 * LONGEST_SPEC
"""Bytes of a spec's file, in any encoding."""
MOST_NUMBERS = 2_000
"""Numbers of one setting, before it is known how many it takes."""
LONGEST_TOLD = 60
"""Characters of a value that a sentence repeats."""
