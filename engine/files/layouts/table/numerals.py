"""Numbers as people and programs write them: marks, signs, percent, currencies, missing values.

A `Convention` says which mark is the decimal one and which groups thousands; `convention_of` finds
it from cells. Everything else about a number is the same in every file and needs no convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NAN = float("nan")

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})
# Marks that stand for a missing value, too, but that a person should be told of.
ODD_MISSING = frozenset(
    {
        *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#nv", "#wert!", "#zahl!"),
        *("#bezug!", "#getting_data", "#spill!", "#calc!", "#na", "#n/a n/a", "#error!", "#n/v"),
        *("-", "--", "---", "–", "—", ".", "..", "...", "…", "?", ":", "<na>", "missing"),
        *("-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "n.a."),
        *("n.d.", "nd", "nil", "void", "nat", "n/d", "+nan", "x.x", "\\n"),
        # Stata's further sorts of missing, and what LibreOffice shows of its errors.
        *(f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
        *(f"err:{code}" for code in range(501, 540)),
    }
)
_INFINITE = {"∞": "inf", "+∞": "inf", "-∞": "-inf", "1.#inf": "inf", "-1.#inf": "-inf"}
TRUTH = {"true": 1.0, "false": 0.0}
_LONGEST = 400
# What a typeset table writes for minus, and blanks that only look like others.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2012\u2013\ufe63\uff0d\u2010\u2011", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\u2008", " "),
        "\u2019": "'",
        "\u02bc": "'",
        "\uff0b": "+",
        # Digits of other scripts are digits to Python; their marks are not.
        "\uff0e": ".",
        "\uff0c": ",",
        "\u066b": ".",
        "\u066c": ",",
        "\uff05": "%",
        "\u066a": "%",
    }
)
_CURRENCY = (
    r"(?:US\$|R\$|A\$|C\$|HK\$|NZ\$|S\$|[$€£¥₹₩₽₺₴₪₫฿₱₦¢]|"
    r"\b(?:USD|EUR|GBP|JPY|CNY|RMB|CHF|CAD|AUD|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|KRW|RUB|ZAR"
    r"|Fr\.?|kr\.?|zł|Kč|Ft|Rs\.?)(?![A-Za-z]))"
)
# As spreadsheets show accounts: $(1.50), $-; the currency stands before the bracket.
_ACCOUNT = re.compile(rf"{_CURRENCY}\s*(?:\(\s*(?P<inner>[\d., ']*\d[\d., ']*)\)|-)")
_BEFORE = re.compile(rf"^(?P<sign>[-+]?)\s*{_CURRENCY}\s*(?=[-+.,\d])")
_AFTER = re.compile(rf"(?<=[\d.,\-])\s*{_CURRENCY}(?P<sign>-?)$")
_PERCENT = re.compile(r"\s*(?:%|‰|\bpercent\b|\bpct\b)$")
_POWER = re.compile(
    r"\s*(?:[x×·*]\s*10\s*(?:\^|\*\*)?\s*|\*\^)\(?([-+]?\d+|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\)?$"
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# Fortran: D or Q for E, and no letter at all where the exponent takes three digits. 2018Q1 and
# 2018D1 are names: without a point, the exponent has to have a sign or the number few digits.
_FORTRAN = re.compile(r"^([-+]?(?:\d+\.\d*|\.\d+|\d+(?=.[-+])|\d{1,3}(?=[dD])))[dDqQ]([-+]?\d+)$")
_NO_LETTER = re.compile(r"^([-+]?\d*\.\d+)([-+]\d{3})$")
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf|infinity)", re.I)
_PART = r"(?:\d[\d,]*\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?|inf|nan"
_COMPLEX = re.compile(
    rf"(?:(?P<re>[-+]?(?:{_PART}))(?=\s*[-+]))?"
    rf"\s*(?P<sign>[-+]?\s*[-+]?)\s*(?P<im>{_PART})?\s*\*?\s*(?:[ijIJ]|im)"
)
_PAIR = re.compile(rf"\(\s*([-+]?(?:{_PART}))\s*[,;]\s*([-+]?(?:{_PART}))\s*\)")
# As LTspice writes them.
_BARE_PAIR = re.compile(r"([-+]?\d\.\d*[eE][-+]\d+),([-+]?\d\.\d*[eE][-+]\d+)")
# What accounts write for a negative number is no complex one: (2,001).
_GROUPED_PAIR = re.compile(r"\([1-9]\d{0,2},\d{3}(?:\.\d*)?\)")
_MARKS = re.compile(r"[-+]?[\d.,' ]*\d[\d.,' ]*(?:[eEdD][-+]?\d+)?")


@dataclass(frozen=True)
class Convention:
    """Which mark stands before the fraction, and which between groups of three digits.

    Attributes
    ----------
    decimal : str
        "." or ",".
    thousands : str
        "," "." "'" " ", or "" for none.
    doubtful : bool
        Whether the cells fit the other meaning of their marks as well.
    """

    decimal: str = "."
    thousands: str = ""
    doubtful: bool = False


def tidied(cell: str) -> str:
    """Return a cell with one sort of minus, blank and apostrophe.

    Examples
    --------
    >>> tidied(" \\u22121.5 ")
    '-1.5'
    """
    return cell.strip() if cell.isascii() else cell.translate(_SAME).strip()


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a missing value.

    Examples
    --------
    >>> is_missing(" N/A "), is_missing("#DIV/0!"), is_missing("0")
    (True, True, False)
    """
    cell = cell.strip()
    if cell[:1] == "*":
        # As many as a field of Fortran is wide, where a number does not fit into it.
        return not cell.strip("*")
    return len(cell) < 16 and (cell.lower() in MISSING or cell.lower() in ODD_MISSING)


def holds_number(cell: str) -> bool:
    """Tell whether there is a digit in a cell, or it is true or false.

    Examples
    --------
    >>> holds_number("a1"), holds_number("TRUE"), holds_number("NA")
    (True, True, False)
    """
    return cell.lower() in TRUTH or any(map(str.isdigit, cell[:_LONGEST]))


def to_number(cell: str, convention: Convention = Convention()) -> complex | float:
    """Convert one cell; missing ones become NaN, percent and currency signs are left out.

    Raises
    ------
    ValueError
        When it is no number.

    Examples
    --------
    >>> to_number("-1,5e3", Convention(",")), to_number("($1,299.50)", Convention(".", ","))
    (-1500.0, -1299.5)
    >>> to_number("0.125D+02"), to_number("12.5%"), to_number("1+2i")
    (12.5, 12.5, (1+2j))
    """
    if len(cell) > _LONGEST:
        raise ValueError("too long for a number")
    if is_missing(cell):
        return NAN
    bare, _ = without_signs(cell)
    try:
        return plain_number(bare, convention)
    except ValueError:
        return _complex_number(bare, convention)


def is_number(cell: str, convention: Convention = Convention()) -> bool:
    """Tell whether a cell is a number or missing.

    Examples
    --------
    >>> is_number("1,5"), is_number("1,5", Convention(","))
    (False, True)
    """
    try:
        to_number(cell, convention)
    except ValueError:
        return False
    return True


def plain_number(bare: str, convention: Convention) -> float:
    """Convert a tidied cell without signs of percent or currency.

    Raises
    ------
    ValueError
        When it is no real number under the convention.
    """
    lowered = bare.lower()
    if lowered in _INFINITE or lowered in TRUTH:
        return float(_INFINITE.get(lowered) or TRUTH[lowered])
    text = _ungrouped(bare, convention)
    if _PLAIN.fullmatch(text):
        return float(text)
    if match := _FORTRAN.fullmatch(text) or _NO_LETTER.fullmatch(text):
        return float(f"{match[1]}e{match[2]}")
    if match := _POWER.search(text):
        return float(f"{text[: match.start()]}e{match[1].translate(_RAISED)}")
    raise ValueError(bare)


def without_signs(cell: str) -> tuple[str, str]:
    """Return a tidied cell without percent, currency and accounting signs, and which it had.

    Examples
    --------
    >>> without_signs("-$5.00"), without_signs("12 %"), without_signs("(7)"), without_signs("5-")
    (('-5.00', '$'), ('12', '%'), ('-7', '('), ('-5', '5-'))
    """
    cell = tidied(cell)
    if not cell or (cell[0].isdigit() and cell[-1].isdigit()):
        return cell, ""
    if cell[0] == "'" and any(map(str.isdigit, cell)):
        # Single quotes around it, or the one that keeps a spreadsheet from reading a number.
        cell = cell[1:].removesuffix("'").strip()
        if not cell:
            return cell, ""
    sign, found = "", ""
    pair = _PAIR.fullmatch(cell) and not _GROUPED_PAIR.fullmatch(cell)
    if match := _ACCOUNT.fullmatch(cell):
        inner = match["inner"]
        return ("0", "$") if inner is None else (f"-{inner.strip()}", "(")
    if cell[0] == "(" and cell[-1] == ")" and not pair:
        inner = cell[1:-1].strip()
        if inner[:1] not in ("-", "+") and not inner.lower().endswith(("j", "i")):
            cell, sign, found = inner, "-", "("
        else:
            cell = inner
    if match := _PERCENT.search(cell):
        cell, found = cell[: match.start()], "%"
    if match := _BEFORE.match(cell) or _AFTER.search(cell):
        head, tail = cell[: match.start()], cell[match.end() :]
        cell, found = f"{match['sign']}{head}{tail}".strip(), "$"
    elif cell[-1:] == "-" and cell[-2:-1].isdigit() and cell[0] != "-":
        cell, found = f"-{cell[:-1]}", found or "5-"
    if cell[:1] in ("-", "+") and cell[1:2] == " ":
        cell = cell[0] + cell[1:].lstrip()
    return sign + cell, found


def convention_of(cells: Iterable[str], *, thousands_first: bool) -> Convention | None:
    """Find what commas and points mean; None where cells contradict each other.

    Parameters
    ----------
    cells : iterable of str
        Cells of a table, text among them is passed over.
    thousands_first : bool
        What to take where "1,234" could be both: grouped digits, else three decimals.

    Examples
    --------
    >>> convention_of(["1.234,5", "7"], thousands_first=True)
    Convention(decimal=',', thousands='.', doubtful=False)
    >>> convention_of(["1,234", "567"], thousands_first=True)
    Convention(decimal='.', thousands=',', doubtful=True)
    """
    grouped: set[str] = set()  # marks that group digits beyond doubt
    pointed: set[str] = set()  # marks that stand before a fraction beyond doubt
    either: set[str] = set()
    for cell in cells:
        _weigh(cell, grouped, pointed, either)
    if len(pointed) > 1 or pointed & grouped:
        return None
    decimal = next(iter(pointed), "")
    if not decimal and "," in either and "." not in either | grouped:
        decimal = "." if thousands_first or "," in grouped else ","
        doubtful = "," not in grouped
        return Convention(decimal, "," if decimal == "." else "", doubtful)
    if not decimal:
        decimal = "," if "." in grouped else "."
    others = (grouped | either) - {decimal}
    if len(others - {" ", "'"}) > 1:
        return None
    thousands = next((mark for mark in ",.' " if mark in others), "")
    return Convention(decimal, thousands, False)


_GROUPED = {
    mark: re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",.' "
}
# What most cells are: weighed once is enough.
_POINTED = re.compile(r"[-+]?\d*\.\d{4,}(?:[eE][-+]?\d+)?")
_INDIAN = re.compile(r"[-+]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?")


def _weigh(cell: str, grouped: set[str], pointed: set[str], either: set[str]) -> None:
    """Sort the marks of one cell by what they can mean."""
    if cell.isdigit() or len(cell) > 60:
        return
    if "." in pointed and _POINTED.fullmatch(cell):
        return
    bare, _ = without_signs(cell)
    if not _MARKS.fullmatch(bare):
        if bare[-1:] in ("i", "j") and is_number(bare.replace(",", "")):
            for part in re.findall(r"\d+[.,]\d+", bare):
                _weigh(part, grouped, pointed, either)
        return
    marks = [mark for mark in ",.' " if mark in bare]
    if not marks:
        return
    if len(marks) > 1:
        last = max(",.", key=bare.rfind)
        pointed.add(last) if last in bare and bare.count(last) == 1 else grouped.add(last)
        grouped.update(mark for mark in marks if mark != last)
        return
    (mark,) = marks
    if mark in "' ":
        if _GROUPED[mark].fullmatch(bare):
            grouped.add(mark)
    elif bare.count(mark) > 1:
        if _GROUPED[mark].fullmatch(bare) or _INDIAN.fullmatch(bare):
            grouped.add(mark)
    elif _GROUPED[mark].fullmatch(bare):
        either.add(mark)
    else:
        pointed.add(mark)


def _ungrouped(text: str, convention: Convention) -> str:
    """Return a number with a decimal point and without marks between its digits."""
    decimal, mark = convention.decimal, convention.thousands
    if mark and mark in text:
        head, point, tail = text.partition(decimal)
        sane = _GROUPED[mark].fullmatch(head) or (mark == "," and _INDIAN.fullmatch(head))
        if not sane or mark in tail:
            raise ValueError(text)
        text = head.replace(mark, "") + point + tail
    if decimal == ",":
        # 1.234 next to decimal commas is either grouped or mistyped: never 1.234.
        if "." in text or text.count(",") > 1 or text.endswith(","):
            raise ValueError(text)
        text = text.replace(",", ".")
    return text


def _complex_number(bare: str, convention: Convention) -> complex:
    """Convert 1+2j, 2.5i, (1,2), 1.0e+0,2.0e+0 and the like."""
    if (match := _PAIR.fullmatch(bare)) and not _GROUPED_PAIR.fullmatch(bare):
        return complex(*(plain_number(part, Convention()) for part in match.groups()))
    if match := _BARE_PAIR.fullmatch(bare):
        return complex(float(match[1]), float(match[2]))
    if not bare.endswith(("i", "j", "I", "J", "im")) or not any(map(str.isdigit, bare)):
        raise ValueError(bare)
    match = _COMPLEX.fullmatch(bare)
    if not match:
        raise ValueError(bare)
    real = plain_number(match["re"], convention) if match["re"] else 0.0
    sign = -1.0 if match["sign"].count("-") % 2 else 1.0
    part = match["im"]
    return complex(real, sign * (plain_number(part, convention) if part else 1.0))
