"""Numbers a person pastes or types: one parser for the clipboard and the editor.

Commas separate numbers, except where they must be decimal marks: as in files, where tabs or
semicolons separate, and where every line is one number with one comma (a column of a spreadsheet).
"""

from __future__ import annotations

import math
import re

from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import PASTE_MAX

# Brackets let a printed Python list or NumPy array be pasted as it is.
_TOKEN = re.compile(r"[^\s,;\[\](){}|]+")
_DECIMAL_TOKEN = re.compile(r"[^\s;\[\](){}|]+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
# What NumPy and PyTorch print around their numbers.
_PRINTED = re.compile(
    r"\b(?:np\.|numpy\.|torch\.)?(?:array|tensor)\(|,\s*(?:dtype|device|grad_fn|requires_grad)=[^,)]*"
)


class NotANumber(ValueError):
    """Some token is not a score; ``start`` and ``end`` say where it stands in the text."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        self.start = start
        self.end = end
        super().__init__(message)


def parse_numbers(text: str) -> tuple[float, ...]:
    """Return the numbers in ``text``, separated by spaces, commas, semicolons or line ends.

    ``-inf`` is allowed: it masks a score out. See :func:`has_decimal_commas` for commas.

    Raises
    ------
    NotANumber
        When a token is no number, NaN or +inf, or when there is none or too many of them.

    Examples
    --------
    >>> parse_numbers("[1, 2.5; -inf]")
    (1.0, 2.5, -inf)
    >>> parse_numbers("0,5; 1,25"), parse_numbers("tensor([0.5, 2.0], device='cuda:0')")
    ((0.5, 1.25), (0.5, 2.0))
    """
    # Of the same length, so that a complaint points at the right place.
    text = _PRINTED.sub(lambda printed: " " * len(printed.group()), text).replace("−", "-")
    decimal = has_decimal_commas(text)
    numbers: list[float] = []
    for match in (_DECIMAL_TOKEN if decimal else _TOKEN).finditer(text):
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


def has_decimal_commas(text: str) -> bool:
    """Return whether the commas in ``text`` are decimal marks.

    Examples
    --------
    >>> has_decimal_commas("0,5; 1,25"), has_decimal_commas("1,2")
    (True, False)
    """
    if "," not in text or "." in text:
        return False
    cells = [cell.strip() for cell in re.split(r"[;\t\n]", text) if cell.strip()]
    if not all("," not in cell or _DECIMAL_COMMA.fullmatch(cell) for cell in cells):
        return False
    return len(cells) > 1 and (";" in text or "\t" in text or all("," in cell for cell in cells))


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
        value = float(token.replace(",", "."))
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
