"""Text from outside as it may be shown: nothing in it breaks a line or turns its direction."""

from __future__ import annotations

import re
from functools import lru_cache

# Control characters, line separators, marks of direction, and bytes that are no UTF-8.
_UNREADABLE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def readable(text: str) -> str:
    """Return ``text`` without what cannot be written, breaks the line or turns its direction.

    Examples
    --------
    >>> readable("two\\nlines"), readable("plain")
    ('two�lines', 'plain')
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNREADABLE.sub("�", text)


LONGEST_NAME = 300  # characters; Qt takes seconds to lay out a word of ten thousand


def readable_name(text: str) -> str:
    """Return a name readable, and short enough to be shown: of a long one both ends.

    Examples
    --------
    >>> readable_name("layer0"), len(readable_name("w" * 1_000_000))
    ('layer0', 300)
    """
    return readable(in_short(text, LONGEST_NAME))


def in_short(text: str, most: int) -> str:
    """Return ``text`` with at most ``most`` characters: both ends of a longer one.

    Examples
    --------
    >>> in_short("0123456789", 5), in_short("0123", 5)
    ('01…89', '0123')
    """
    if len(text) <= most:
        return text
    tail = most // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


@lru_cache(maxsize=16)
def readable_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of rows or columns as they may be shown; of many they are looked through once.

    Examples
    --------
    >>> readable_names(("rye", "two\\nlines"))
    ('rye', 'two�lines')
    """
    return tuple(map(readable_name, names))


def readable_lines(text: str) -> str:
    """Return ``text`` readable, its lines kept.

    Examples
    --------
    >>> readable_lines("one\\ntwo\\x1b[31m")
    'one\\ntwo�[31m'
    """
    return "\n".join(map(readable, text.split("\n")))
