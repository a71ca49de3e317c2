"""Texts that a page shows as they stand: nothing that a visitor sends is rendered."""

import unicodedata

from lmc_core.errors import LMCError
from lmc_core.ui.wording import in_words

MARKS = frozenset("\\*[]<>~$&^|{}")
"""What Markdown reads wherever it stands."""
OPENING = ("#", "+", "-", "=")
"""What Markdown reads at the beginning."""
SIGNS = frozenset({"->", "<-", "<->", "--", ">=", "<=", "~="})
"""Words of which Streamlit makes arrows, dashes and the like."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode's categories of what has no shape of its own: controls, lone surrogates, what turns the direction of writing."""
NOTHING_SHOWN = "\N{REPLACEMENT CHARACTER}"
BREAK = "\N{WORD JOINER}"
"""Has no width, and keeps Streamlit from making icons, links and addresses of what stands on both sides of it."""


def plain(text: str | LMCError) -> str:
    """Markdown by which Streamlit shows a text as it stands, in one line; what stands between backticks is set as code.

    A fault is told in the page's words, as `in_words` does it.
    """
    text = in_words(text)
    shown = "".join(NOTHING_SHOWN if unicodedata.category(letter) in UNSEEN else letter for letter in " ".join(text.split()))
    parts = shown.split("`")
    if len(parts) % 2 == 0:  # the last backtick has no partner
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    return "".join(f"`{part}`" if place % 2 else _escaped(part, first=place == 0) for place, part in enumerate(parts) if part)


def _escaped(text: str, first: bool) -> str:
    """The text with all that Markdown or Streamlit would read made harmless."""
    text = " ".join(f"{word[0]}{BREAK}{word[1:]}" if word in SIGNS else word for word in text.split(" "))
    found = []
    for place, letter in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if letter in MARKS or letter == "`" or (letter == "_" and not (before.isalnum() and after.isalnum())):
            found.append(f"\\{letter}")
        elif letter == "@" or (letter == ":" and after.strip()):
            found.append(letter + BREAK)
        elif letter == "." and text[max(place - 3, 0) : place].lower() == "www":
            found.append(BREAK + letter)
        else:
            found.append(letter)
    escaped = "".join(found)
    number = len(escaped) - len(escaped.lstrip("0123456789"))
    if first and number and escaped[number : number + 1] in (".", ")"):
        return f"{escaped[:number]}\\{escaped[number:]}"
    return f"\\{escaped}" if first and escaped.startswith(OPENING) else escaped
