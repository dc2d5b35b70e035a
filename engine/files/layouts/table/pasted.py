"""Numbers in a text a person pastes or types: a column, a row, what R, NumPy or MATLAB printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.files.layouts.table.numerals import (
    Convention,
    convention_of,
    to_number,
    without_signs,
)

__all__ = ["PastedNumber", "convention_of_text", "numbers_in"]

# What programs print around their numbers: calls, indices, names and sizes. Digits may follow it.
_PRINTED = re.compile(
    r"[A-Za-z_][\w.]*\(|,\s*(?:dtype|device|grad_fn|requires_grad|shape|size|layout)=[^,)]*"
    r"|^[ \t]*\[\d+\](?=[ \t]+\S)|^[ \t]*\[\d+,\](?=[ \t])|\[,\d+\]"
    r"|^[ \t]*(?:[A-Za-z_]\w*[ \t]*=|Columns? \d+.*|\d+(?:-element|×\d+)\b.*:)[ \t]*$"
    r"|^[ \t]*[A-Za-z_]\w*[ \t]*(?:=|<-)(?=[ \t]*(?:[-+.\d\[({]|\w+\())",
    re.MULTILINE,
)
_EDGES = "[](){}|\"'"
_TOKEN = re.compile(r"[^ \t\r\n\f\v;\[\](){}|\"]+")
_NARROW = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_ANY_BLANK = re.compile(r"[\u00a0\u202f\u2009\u3000\ufeff]")
# In place of most numbers of a long print.
_LEFT_OUT = frozenset({"...", "…", "⋯"})
_ONE_COMMA = re.compile(r"[-+\u2212]?\d*,\d+(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
# Grouped digits and a fraction: of two marks the last is the decimal one, also in a lone number.
_TWO_MARKS = re.compile(
    r"[-+\u2212]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)(?:[eE][-+]?\d+)?"
)
_GROUP_MARK = "\x1f"


@dataclass(frozen=True)
class PastedNumber:
    """One item of a text: where it stands, and its number, None where it is none."""

    text: str
    start: int
    end: int
    value: float | None


def numbers_in(text: str, most: int | None = None) -> list[PastedNumber]:
    """Return the numbers of a text, separated by blanks, commas, semicolons or line ends.

    Parameters
    ----------
    text : str
        What was pasted.
    most : int, optional
        How many to look at; one more is returned where there are more.

    Returns
    -------
    list of PastedNumber
        In order; the reading goes on behind an item that is no number.

    Examples
    --------
    >>> [item.value for item in numbers_in("[1]  0.50 -0.75")]
    [0.5, -0.75]
    >>> [item.value for item in numbers_in("1,234,567\\n2,500,000\\n310,000")]
    [1234567.0, 2500000.0, 310000.0]
    """
    bare = _without_print(text)
    convention = _convention(bare)
    commas = convention.decimal == "," or convention.thousands == ","
    found: list[PastedNumber] = []
    for match in _TOKEN.finditer(bare):
        for start, end in _pieces(match, commas):
            item = bare[start:end].replace(_GROUP_MARK, " ").strip("'")
            if item:
                found.append(PastedNumber(text[start:end], start, end, _value(item, convention)))
            if most is not None and len(found) > most:
                return found
    return found


def convention_of_text(text: str) -> Convention:
    """Return what commas and points mean in a pasted text.

    Examples
    --------
    >>> convention_of_text("0,5; 1,25").decimal, convention_of_text("1,2").decimal
    (',', '.')
    """
    return _convention(_without_print(text))


def _without_print(text: str) -> str:
    """Blank out what programs print around numbers; every character keeps its place."""
    bare = _PRINTED.sub(lambda found: _blank(found.group()), text)
    bare = _NARROW.sub(_GROUP_MARK, bare)
    bare = _ANY_BLANK.sub(" ", bare)
    lines = bare.split("\n")
    for place in range(len(lines) - 1):
        # R prints the names of a vector above its numbers.
        words, numbers = lines[place].split(), lines[place + 1].split()
        named = len(words) > 1 and all(word[:1].isalpha() and not _is_plain(word) for word in words)
        if named and len(words) == len(numbers) and all(map(_is_plain, numbers)):
            lines[place] = " " * len(lines[place])
    return "\n".join(lines)


def _blank(printed: str) -> str:
    return "".join(letter if letter == "\n" else " " for letter in printed)


def _is_plain(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _pieces(match: re.Match[str], commas: bool) -> list[tuple[int, int]]:
    """Return where the items of a token stand: it is one, or several between commas."""
    if commas:
        end = match.end() - len(match.group()) + len(match.group().rstrip(","))
        return [(match.start(), end)]
    pieces, start = [], match.start()
    for part in match.group().split(","):
        pieces.append((start, start + len(part)))
        start += len(part) + 1
    return pieces


def _convention(bare: str) -> Convention:
    """Tell commas between numbers from those inside of them."""
    tokens = [token.replace(_GROUP_MARK, " ") for token in _TOKEN.findall(bare)]
    tokens = [token.strip("'") for token in tokens if token.strip("',")]
    lines = [line.strip() for line in bare.split("\n") if line.strip()]
    between = Convention()
    inner = [token for token in tokens if "," in token]
    if not inner or re.search(r",[ \t\r\n]|,$|[\[(]", bare):
        others = convention_of(
            [token for token in tokens if "," not in token], thousands_first=True
        )
        return others if others is not None and others.decimal == "." else between
    single, parted = len(tokens) == len(lines), ";" in bare or "\t" in bare
    parted = parted or len(tokens) > len(lines)
    if all(_GROUPED.fullmatch(without_signs(token)[0]) for token in inner):
        # Groups of three digits, and what no decimal comma explains.
        more = len(tokens) > 1 and (single or parted)
        zero = any(re.search(r",0\d\d(?!\d)", token) for token in inner)
        if zero or (more and _explained_by_groups(tokens)):
            return Convention(".", ",", doubtful=True)
    if len(tokens) == 1 and _TWO_MARKS.fullmatch(tokens[0]):
        return convention_of(tokens, thousands_first=True) or between
    if len(tokens) < 2 or not (single or parted):
        return between
    whole = [token for token in tokens if "," not in token]
    if all(map(_ONE_COMMA.fullmatch, inner)):
        return between if any("." in token for token in whole) else Convention(",")
    found = convention_of(tokens, thousands_first=True)
    fits = found is not None and found.decimal == ","
    if found is None or not fits or any(_value(token, found) is None for token in tokens):
        return between
    return found


def _explained_by_groups(tokens: list[str]) -> bool:
    """Whether some numbers can hardly have decimal commas: two groups, a point, small and whole."""
    bare = [without_signs(token)[0].lstrip("-+") for token in tokens]
    return any(
        token.count(",") > 1
        or ("," in token and "." in token)
        or (token.isdigit() and len(token) < 4)
        for token in bare
    )


def _value(item: str, convention: Convention) -> float | None:
    if item in _LEFT_OUT:
        return None
    try:
        value = to_number(item, convention)
    except ValueError:
        return None
    return None if isinstance(value, complex) else value
