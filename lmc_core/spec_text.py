"""A spec's file as text, in whichever encoding an editor or a shell has saved it."""

import codecs

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""Byte order marks, as Windows' editors put them before UTF-8 and its shell before UTF-16."""


def text_of(content: bytes) -> str:
    """The text without its byte order mark; what is no text becomes replacement characters, which no spec has."""
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors="replace")
