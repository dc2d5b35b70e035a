"""Numbers a person pastes or types: one parser for the clipboard and the editor."""

from __future__ import annotations

import math
import re

from gui.core.i18n import tr
from gui.pages.topk.state import PASTE_MAX

# Brackets let a printed Python list or NumPy array be pasted as it is.
_TOKEN = re.compile(r"[^\s,;\[\](){}|]+")


class NotANumber(ValueError):
    """Some token is not a score; ``start`` and ``end`` say where it stands in the text."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        self.start = start
        self.end = end
        super().__init__(message)


def parse_numbers(text: str) -> tuple[float, ...]:
    """Return the numbers in ``text``, separated by spaces, commas, semicolons or line ends.

    ``-inf`` is allowed: it masks a score out.

    Raises
    ------
    NotANumber
        When a token is no number, NaN or +inf, or when there is none or too many of them.

    Examples
    --------
    >>> parse_numbers("[1, 2.5; -inf]")
    (1.0, 2.5, -inf)
    """
    numbers: list[float] = []
    for match in _TOKEN.finditer(text):
        if len(numbers) == PASTE_MAX:
            raise NotANumber(
                tr(
                    "There are more than {limit} numbers. Save them in a .csv or .npy file and "
                    "open that.",
                    limit=PASTE_MAX,
                ),
                match.start(),
                len(text),
            )
        numbers.append(_number(text, match, len(numbers) + 1))
    if not numbers:
        raise NotANumber(tr("There is no number in this text."))
    return tuple(numbers)


def numbers_text(values: tuple[float, ...]) -> str:
    """Return ``values`` as text that ``parse_numbers`` reads back exactly, one per line.

    Examples
    --------
    >>> numbers_text((1.0, 0.1))
    '1\\n0.1'
    """
    return "\n".join(repr(v) if v != round(v, 0) or abs(v) > 1e15 else f"{v:.0f}" for v in values)


def _number(text: str, match: re.Match[str], place: int) -> float:
    token = match.group()
    shown = token if len(token) <= 24 else token[:21] + "..."
    line = text.count("\n", 0, match.start()) + 1
    try:
        value = float(token)
    except ValueError:
        message = tr(
            "“{token}” (item {place}, line {line}) is not a number.",
            token=shown,
            place=place,
            line=line,
        )
        raise NotANumber(message, match.start(), match.end()) from None
    if math.isnan(value) or value == math.inf:
        message = tr(
            "Item {place} (line {line}) is {token}: scores are finite, or -inf to mask one out.",
            token=shown,
            place=place,
            line=line,
        )
        raise NotANumber(message, match.start(), match.end())
    return value
