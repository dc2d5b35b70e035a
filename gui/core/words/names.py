"""Names of files as they are shown and written: one line of text that reads in one direction."""

from __future__ import annotations

import os
import re

from gui.core.words.i18n import tr

# Control characters, line separators, marks of direction, and bytes that are no UTF-8.
_UNREADABLE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
# What a spreadsheet would run as a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown_name(path: str) -> str:
    """Return the name of a file for people.

    Bytes that are no text, line breaks and marks that turn the direction of writing become "�".

    Examples
    --------
    >>> shown_name("data/spectr\\udce9.csv"), shown_name("two\\nlines.csv")
    ('spectr�.csv', 'two�lines.csv')
    """
    return readable(os.path.basename(path))


def readable(text: str) -> str:
    """Return ``text`` without what cannot be written, breaks the line or turns its direction."""
    return _UNREADABLE.sub("�", text)


def cell_text(text: str) -> str:
    """Return a text for a cell of a CSV file, so that no spreadsheet runs it as a formula.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("-0.5"), cell_text("index i")
    ("'=1+1", '-0.5', 'index i')
    """
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def on_its_way(name: str) -> str:
    """Return what names something that has been chosen, until it is there."""
    return tr("{name} …", name=name)
