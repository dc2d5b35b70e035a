"""What is said of a table, as it is typed on a command line and in the window, and as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gui.core.words.i18n import tr

FIELDS = ("delimiter", "decimal", "thousands", "header", "index", "skip", "columns", "sheet")
# What is hard to type or to see.
DELIMITERS = {"tab": "\t", "blank": " ", "comma": ",", "semicolon": ";", "bar": "|"}
THOUSANDS = {"none": "", "blank": " ", "comma": ",", "point": ".", "apostrophe": "'"}
_ALSO = {"\\t": "\t", "space": " "}
_COUNTS = ("header", "index", "skip")


class Mistyped(ValueError):
    """A ``text`` that is no value of the field ``name``; ``allowed`` says in words what is."""

    def __init__(self, name: str, text: str, allowed: str) -> None:
        super().__init__(f"{name} {text}: {allowed}")
        self.name, self.text, self.allowed = name, text, allowed


def values_of(said: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return what is said of a table as the values of the fields of a ``TableReading``.

    Raises
    ------
    Mistyped
        When a count or a list of positions is none.

    Examples
    --------
    >>> values_of([("delimiter", "tab"), ("header", "0"), ("columns", "1,2")])
    {'delimiter': '\\t', 'header': 0, 'columns': (1, 2)}
    """
    return {name: _value(name, text) for name, text in said}


def typed(name: str, value: Any) -> str:
    """Return a value of the field ``name`` as it is typed.

    Examples
    --------
    >>> typed("delimiter", " "), typed("thousands", ""), typed("columns", (1, 2))
    ('blank', 'none', '1,2')
    """
    if value is None:
        return ""
    if name == "columns":
        return ",".join(map(str, value))
    words = {"delimiter": DELIMITERS, "thousands": THOUSANDS}.get(name, {})
    return next((word for word, mark in words.items() if mark == value), str(value))


def _value(name: str, text: str) -> Any:
    if name == "delimiter":
        return {**DELIMITERS, **_ALSO}.get(text, text)
    if name == "thousands":
        return {**THOUSANDS, **_ALSO}.get(text, text)
    if name not in (*_COUNTS, "columns"):
        return text
    words = [word.strip() for word in text.split(",")] if name == "columns" else [text.strip()]
    if not all(word.isdecimal() for word in words):
        several = tr("whole numbers from 0, as in 1,2,5")
        raise Mistyped(name, text, several if name == "columns" else tr("a whole number"))
    return tuple(map(int, words)) if name == "columns" else int(words[0])
