"""Numbers as people read and type them; no Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gui.core.words.i18n import tr

# A narrow no-break space groups thousands without being mistaken for a decimal mark.
_GROUP = "\u202f"
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)


def format_value(value: float, digits: int = 4) -> str:
    """Return ``value`` with ``digits`` significant digits, as a person would write it.

    Examples
    --------
    >>> format_value(1.2341e-8)
    '1.234e-8'
    >>> format_value(0.5)
    '0.5000'
    >>> format_value(12345).split()
    ['12', '345']
    >>> format_value(7)
    '7'
    >>> format_value(float("nan"))
    'not a number'
    """
    number = float(value)
    if math.isnan(number):
        return tr("not a number")
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    whole = isinstance(value, int) or (hasattr(value, "dtype") and value.dtype.kind in "iu")
    if whole or (number == round(number) and 1e4 <= abs(number) < 1e9):
        return f"{int(number):,}".replace(",", _GROUP).replace("-", "−")
    if number == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{number:.{digits - 1}e}"))))
    if -4 < exponent < digits + 3:
        text = f"{number:,.{max(0, digits - 1 - exponent)}f}".replace(",", _GROUP)
    else:
        mantissa, _, power = f"{number:.{digits - 1}e}".partition("e")
        text = f"{mantissa}e{int(power)}"
    return "−" + text[1:] if text.startswith("-") else text


def format_known(value: float, error: float, digits: int = 4) -> str:
    """Return ``value`` with no digit that ``error`` cannot carry; "<" where it carries none.

    Examples
    --------
    >>> format_known(1.23456, 1e-9), format_known(1.23456, 0.004), format_known(2e-16, 5e-15)
    ('1.235', '1.23', '< 5.2e-15')
    >>> format_known(0.0, 0.0)
    '0'
    """
    if not 0.0 < error < math.inf or not math.isfinite(value):
        return format_value(value, digits)
    if abs(value) <= error:
        return f"< {format_bound(abs(value) + error)}"
    carried = math.floor(math.log10(abs(value))) + 1 - math.ceil(math.log10(error))
    return format_value(value, min(digits, max(1, carried)))


def format_bound(value: float, *, upper: bool = True) -> str:
    """Return a bound with two digits, rounded to the side on which it stays true.

    Examples
    --------
    >>> format_bound(4.7721e-15), format_bound(2.193e14, upper=False)
    ('4.8e-15', '2.1e14')
    """
    if not math.isfinite(value) or value <= 0:
        return format_value(value, 2)
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    count = value / unit
    whole = math.ceil(count - 1e-9) if upper else math.floor(count + 1e-9)
    return format_value(float(f"{whole * unit:.3g}"), 2)


def format_together(values: Sequence[float], digits: int = 3) -> list[str]:
    """Return numbers of one scale with the same decimals, enough to tell them apart; 0 stays "0".

    Examples
    --------
    >>> format_together([1.0, 0.5, 0.0])
    ['1.00', '0.50', '0']
    >>> format_together([-100.32, -100.31])
    ['−100.32', '−100.31']
    >>> format_together([2e-9, 1e-9, 0.0])
    ['2.00e-9', '1.00e-9', '0']
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    exponent = math.floor(math.log10(largest)) if largest else 0
    if not -4 < exponent < digits + 3:
        return [format_value(value, digits) for value in values]
    for decimals in range(max(0, digits - 1 - exponent), 9):
        texts = [_fixed(value, decimals) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _fixed(value: float, decimals: int) -> str:
    if value == 0 or not math.isfinite(value):
        return format_value(value)
    return f"{value:,.{decimals}f}".replace(",", _GROUP).replace("-", "−")


def share_text(value: float) -> str:
    """Return a share as a percentage with enough digits to tell 99.99 % from all of it.

    Examples
    --------
    >>> share_text(0.25), share_text(0.999987), share_text(1.0), share_text(1e-6)
    ('25.00 %', '99.99870 %', '100 %', '1.000e-4 %')
    >>> share_text(1.0 - 1e-15)
    '> 99.99999999 %'
    """
    percent = 100.0 * value
    if not math.isfinite(percent):
        return "–"
    if percent in (0.0, 100.0):
        return f"{percent:.0f} %"
    if percent > 100.0 - 1e-8 and value < 1.0:
        return "> 99.99999999 %"
    if 99.0 < percent < 100.0:
        digits = min(8, max(2, 2 - math.floor(math.log10(100.0 - percent))))
        return f"{percent:.{digits}f} %"
    return f"{format_value(percent)} %"


def share_known(value: float, error: float) -> str:
    """Return a share as a percentage with no digit that ``error``, a share too, cannot carry.

    Examples
    --------
    >>> share_known(0.25, 1e-15), share_known(4.2e-16, 4.7e-15), share_known(4.64e-14, 4e-14)
    ('25.00 %', '< 5.2e-13 %', '5e-12 %')
    """
    if value > 0 and 0.0 < error < math.inf and value < 1e4 * error:
        return f"{format_known(100.0 * value, 100.0 * error)} %"
    return share_text(value)


def parse_number(text: str) -> float | None:
    """Return the number in ``text``, None where it is none.

    Spaces group digits; a single comma is a decimal mark, several are grouping.

    Examples
    --------
    >>> parse_number("1e-3"), parse_number("0,5"), parse_number("12 345"), parse_number("1,2,3x")
    (0.001, 0.5, 12345.0, None)
    """
    plain = re.sub(r"\s", "", text).replace("−", "-")
    if plain.count(",") > 1 or ("," in plain and "." in plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if math.isfinite(number) else None
