"""Names of files as they are shown and written: one line of text that reads in one direction."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence

from gui.core.words.i18n import tr
from gui.core.words.readable import readable

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


def near(name: str, known: Sequence[str]) -> str:
    """Return a question, in brackets, after the likeliest name meant; "" where nothing is near.

    Examples
    --------
    >>> near("limt", ["limit", "rank"])
    " (did you mean 'limit'?)"
    """
    found = difflib.get_close_matches(name, known, 1)
    return tr(" (did you mean {name}?)", name=repr(found[0])) if found else ""


def explained(title: str, formula: str, source: str) -> str:
    """Return what an operator computes and where it comes from, in the language in use."""
    if not formula:
        return title
    words = tr("{title}: {formula}\nSource: {source}")
    return words.format(title=title, formula=formula, source=source)
