"""A drawing with every text as it can be written to a file."""

from __future__ import annotations

from typing import TypeVar

from gui.core.figure.rebuilt import rebuilt
from gui.core.words.readable import readable_lines

T = TypeVar("T")


def legible(drawn: T) -> T:
    """Return a figure or table whose texts are readable (see `readable`), the same where they are.

    The state that an export carries keeps the true names: by them files are found again.

    Examples
    --------
    >>> from gui.core.figure.figure import Figure
    >>> legible(Figure(key="a.b", title="spectr\\udce9")).title
    'spectr�'
    """
    return rebuilt(drawn, str, readable_lines, but=("state",))  # type: ignore[no-any-return]
