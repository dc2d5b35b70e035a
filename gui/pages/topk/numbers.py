"""Numbers a person pastes or types: what files are read by, for the clipboard and the editor.

Commas separate numbers, except where they must be decimal marks or group thousands: where tabs or
semicolons separate, and where every line is one number (a column of a spreadsheet).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import PASTE_MAX

if TYPE_CHECKING:
    from engine.files.layouts.table.pasted import PastedNumber


class NotANumber(ValueError):
    """Some token is not a score; ``start`` and ``end`` say where it stands in the text."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        self.start = start
        self.end = end
        super().__init__(message)


def parse_numbers(text: str) -> tuple[float, ...]:
    """Return the numbers in ``text``, separated by blanks, commas, semicolons or line ends.

    ``-inf`` is allowed: it masks a score out. See :func:`comma_words` for commas; what R, NumPy,
    PyTorch, MATLAB and Julia print around their numbers is passed over.

    Raises
    ------
    NotANumber
        When an item is no number, NaN or +inf, or when there is none or too many of them.

    Examples
    --------
    >>> parse_numbers("[1, 2.5; -inf]")
    (1.0, 2.5, -inf)
    >>> parse_numbers("0,5; 1,25"), parse_numbers("[np.float64(0.5), np.float64(2.0)]")
    ((0.5, 1.25), (0.5, 2.0))
    """
    from engine.files.layouts.table.pasted import numbers_in

    numbers: list[float] = []
    for item in numbers_in(text, PASTE_MAX):
        if len(numbers) == PASTE_MAX:
            raise NotANumber(
                tr(
                    "There are more than {limit} numbers. Save them in a .csv or .npy file and "
                    "open that.",
                    limit=PASTE_MAX,
                ),
                item.start,
                len(text),
            )
        numbers.append(_number(text, item, len(numbers) + 1))
    if not numbers:
        raise NotANumber(tr("There is no number in this text."))
    return tuple(numbers)


def comma_words(text: str) -> str:
    """Return how the commas in ``text`` were read, in words; "" where they separate numbers.

    Examples
    --------
    >>> comma_words("0,5; 1,25"), comma_words("1,2")
    ('read with decimal commas', '')
    """
    from engine.files.layouts.table.pasted import convention_of_text

    found = convention_of_text(text)
    if found.decimal == ",":
        return tr("read with decimal commas")
    return tr("read with thousands marks") if found.thousands == "," else ""


def numbers_text(values: tuple[float, ...]) -> str:
    """Return ``values`` as text that ``parse_numbers`` reads back exactly, one per line.

    Examples
    --------
    >>> numbers_text((1.0, 0.1))
    '1\\n0.1'
    """
    return "\n".join(repr(v) if v != round(v, 0) or abs(v) > 1e15 else f"{v:.0f}" for v in values)


def _number(text: str, item: PastedNumber, place: int) -> float:
    shown = item.text if len(item.text) <= 24 else item.text[:21] + "..."
    line = text.count("\n", 0, item.start) + 1
    if item.value is None:
        message = tr(
            "“{token}” (item {place}, line {line}) is not a number.",
            token=shown,
            place=place,
            line=line,
        )
        raise NotANumber(message, item.start, item.end)
    if math.isnan(item.value) or item.value == math.inf:
        message = tr(
            "Item {place} (line {line}) is {token}: scores are finite, or -inf to mask one out.",
            token=shown,
            place=place,
            line=line,
        )
        raise NotANumber(message, item.start, item.end)
    return item.value
