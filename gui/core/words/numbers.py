"""Numbers as people read and type them; no Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gui.core.words.i18n import tr

# A narrow no-break space groups thousands without being mistaken for a decimal mark.
_GROUP = "\u202f"
_NUMBER = re.compile(r"([+-]?) *((?=[.,]?\d)[\d.,' ]*[\d.,])(e[+-]?\d+)?", re.IGNORECASE)
# What a typeset number has for minus, blank and apostrophe, and other scripts for marks; as in
# tables (`engine.files.layouts.table.numerals`).
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2012\u2013\ufe63\uff0d\u2010\u2011", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\u2008\u3000\t", " "),
        **dict.fromkeys("\u2019\u02bc", "'"),
        "\uff0b": "+",
        # Digits of other scripts are digits to Python; their marks are not.
        **dict.fromkeys("\uff0e\u066b", "."),
        **dict.fromkeys("\uff0c\u066c", ","),
    }
)


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


def as_typed(value: float) -> str:
    """Return what a number box shows, and with it whatever says the same number elsewhere.

    The shortest text that reads back as ``value`` to six digits, without grouping.

    Examples
    --------
    >>> as_typed(0.5), as_typed(3.589), as_typed(1e-9), as_typed(1234567)
    ('0.5', '3.589', '1e-9', '1234567')
    """
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        mantissa, _, power = f"{value:.6g}".partition("e")
        return f"{mantissa}e{int(power)}" if power else mantissa
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.10g}"


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


def format_bound(value: float, digits: int = 2, *, upper: bool = True) -> str:
    """Return a bound with ``digits`` digits, rounded to the side on which it stays true.

    Examples
    --------
    >>> format_bound(4.7721e-15), format_bound(2.193e14, upper=False), format_bound(4.7e-15)
    ('4.8e-15', '2.1e14', '4.7e-15')
    >>> format_bound(1 / 3, 6), format_bound(1 / 3, 6, upper=False), format_bound(5e-324)
    ('0.333334', '0.333333', '4.9e-324')
    """
    if not math.isfinite(value) or value <= 0:
        return format_value(value, digits)
    # Fifteen digits: the last two of a float are what a decimal is rounded by.
    mantissa, power = f"{value:.14e}".replace(".", "").split("e")
    whole = int(mantissa[:digits]) + (upper and bool(mantissa[digits:].strip("0")))
    return format_value(float(f"{whole}e{int(power) + 1 - digits}"), digits)


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
    """Return the number in ``text``, None where it is none or can be two.

    Examples
    --------
    >>> parse_number("1e-3"), parse_number("0,5"), parse_number("12 345"), parse_number("1,2,3x")
    (0.001, 0.5, 12345.0, None)
    >>> parse_number("1.234,5"), parse_number("1,234.5"), parse_number("1,234")
    (1234.5, 1234.5, None)
    """
    found = readings(text)
    return found[0] if len(found) == 1 else None


def number_complaint(text: str) -> str:
    """Return why `parse_number` finds no number in ``text``, "" where it does.

    Examples
    --------
    >>> number_complaint("1,234")
    '“1,234” can be 1.234 or 1234. Type one of these.'
    >>> number_complaint("1.2.3"), number_complaint("0,5")
    ('“1.2.3” is not a number.', '')
    """
    found = readings(text)
    if len(found) == 1:
        return ""
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    if not found:
        return tr("“{typed}” is not a number.", typed=shown)
    one, other = (repr(number).removesuffix(".0") for number in found)
    return tr(
        "“{typed}” can be {one} or {other}. Type one of these.", typed=shown, one=one, other=other
    )


def readings(text: str) -> tuple[float, ...]:
    """Return every finite number that ``text`` can mean, by the rule that tables are read by.

    Of two different marks the last stands before the fraction and the other groups digits by
    three; a mark that comes several times, a blank and an apostrophe only group. A single point
    stands before a fraction, a single comma too, unless three digits behind it can be a group.

    Examples
    --------
    >>> readings("1.234.567"), readings("0,234"), readings("1,234"), readings("1.2,3.4")
    ((1234567.0,), (0.234,), (1.234, 1234.0), ())
    """
    match = _NUMBER.fullmatch(text.strip().translate(_SAME))
    if match is None:
        return ()
    sign, digits, power = match.groups(default="")
    numbers = (float(f"{sign}{plain}{power}") for plain in _plain_digits(digits))
    return tuple(number for number in numbers if math.isfinite(number))


def _plain_digits(digits: str) -> tuple[str, ...]:
    """Return digits with marks as what Python reads, in every way that they can be meant."""
    marks = {mark for mark in ",.' " if mark in digits}
    last = max(",.", key=digits.rfind)
    head, _, tail = digits.rpartition(last)
    if len(marks) == 2 and digits.count(last) == 1 and (tail.isdigit() or not tail):
        (other,) = marks - {last}
        return (f"{head.replace(other, '')}.{tail}",) if _is_grouped(head, other) else ()
    if len(marks) != 1:
        return () if marks else (digits,)
    (mark,) = marks
    whole = (digits.replace(mark, ""),) if _is_grouped(digits, mark) else ()
    if mark in "' " or digits.count(mark) > 1:
        return whole
    return (f"{head}.{tail}", *(whole if mark == "," else ()))


def _is_grouped(digits: str, mark: str) -> bool:
    found = re.fullmatch(rf"(?!0)\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", digits)
    # Lakh and crore: 12,34,567.
    return bool(found or (mark == "," and re.fullmatch(r"\d{1,2}(?:,\d{2})+,\d{3}", digits)))
