"""A matrix as programs print it, in brackets: its rows as lines of a table.

What NumPy, PyTorch, Julia and MATLAB show, nested lists of Python and JSON, and {{1, 2}, {3, 4}} of
Mathematica.
"""

from __future__ import annotations

import re

__all__ = ["Shortened", "is_printed", "printed_rows"]

_START = re.compile(
    r"\s*(?:[A-Za-z_]\w*\s*(?::=|=|<-)\s*)?(?:[A-Za-z_][\w.]*\(\s*)*[\[{]\s*[\[{(]*\s*"
    r"(?:[A-Za-z_][\w.]*\()?\s*[-+.(\d]"
)
# [1] in front of numbers is how R counts them.
_COUNTED = re.compile(r"\s*\[\d+,?\]\s+\S")
_CALL = re.compile(r"\b[A-Za-z_][\w.]*\(([^()\[\]{}]*)\)")
_HEAD = re.compile(r"\s*(?:[A-Za-z_]\w*\s*(?::=|=|<-)\s*)?(?:[A-Za-z_][\w.]*\(\s*)*")
_TAIL = re.compile(r"(?:,\s*[a-z_]+=[^\[\]{}]*)?\)*\s*;?\s*$")
_INNER = re.compile(r"[\[{]([^\[\]{}]*)[\]}]")
_LEFT_OUT = re.compile(r"\.\.\.|…|⋯")


class Shortened(Exception):
    """The print leaves out numbers (...)."""


def is_printed(head: str) -> bool:
    """Whether a text begins as a printed matrix does.

    Examples
    --------
    >>> is_printed("tensor([[1., 2.],"), is_printed("A = [1 2; 3 4]"), is_printed("[1] 0.5 0.25")
    (True, True, False)
    """
    return bool(_START.match(head)) and not _COUNTED.match(head)


def printed_rows(text: str) -> list[str] | None:
    """Return the rows of a printed matrix, commas between their numbers; None where it is none.

    Raises
    ------
    Shortened
        When the print leaves out numbers.

    Examples
    --------
    >>> printed_rows("array([[1., 2.],\\n       [3., 4.]])")
    ['1.,2.', '3.,4.']
    >>> printed_rows("A = [1 -2; 3 4];"), printed_rows("{{1., 2.}, {3., 4.}}")
    (['1,-2', '3,4'], ['1.,2.', '3.,4.'])
    """
    bare = _HEAD.sub("", _CALL.sub(r"\1", text), count=1)
    bare = _TAIL.sub("", bare)
    depth = most = 0
    for part in re.split(r"([\[\]{}])", bare):
        if part in ("[", "{"):
            depth += 1
        elif part in ("]", "}"):
            depth -= 1
        elif depth == 0 and part.strip(" \t\r\n,;"):
            return None
        most = max(most, depth)
        if depth < 0:
            return None
    if depth or not 0 < most <= 2:
        return None
    if _LEFT_OUT.search(bare):
        raise Shortened
    rows = [piece for inner in _INNER.findall(bare) for piece in _pieces(inner, most)]
    return [row for row in map(_separated, rows) if row] or None


def _pieces(inner: str, depth: int) -> list[str]:
    """Return the rows of one pair of brackets: several only where semicolons part them."""
    return inner.split(";") if depth == 1 and ";" in inner else [inner]


def _separated(row: str) -> str:
    cells = row.split(",") if "," in row else row.split()
    cells = [cell.strip() for cell in cells]
    return ",".join(cells[:-1] if cells and not cells[-1] else cells)
