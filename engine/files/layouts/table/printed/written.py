"""What Octave, Armadillo, Fortran and MATLAB write: no print, and no plain table of rows either."""

from __future__ import annotations

import re
from itertools import pairwise

from engine.files.layouts.table.printed.base import Headed, NotWhole, Printed, is_number
from engine.sentences import listed, say

_VARIABLE = re.compile(r"^# name: (\S+)[^\S\n]*\n# type: ([^\n]+)\n(# ndims:)?", re.MULTILINE)
_OCTAVE = re.compile(r"(?:#[^\n]*\n)*?# name: \S+[^\S\n]*\n# type: ")
# What Octave saves row by row, or as one number.
_ROWS = re.compile(r"(?:global )?(?:float |complex |bool |float complex )?(?:matrix|scalar)|bool")
_ARMADILLO = re.compile(r"ARMA_MAT_TXT_\w+[^\S\n]*\n[^\S\n]*\d+ +\d+[^\S\n]*\n")
_ARMADILLO_NOTE = say("A matrix of Armadillo: its two first lines are left out.")
_FIXED = re.compile(r"[\s\d.eEdD+-]+")
# A sign right behind a digit, in front of a number with a point: no exponent and no date.
_RUN = re.compile(r"(?<=[\d.])(?=[-+](?:\d+\.|\.\d))")
_RUNS = say("Numbers that run into each other are parted in front of their signs.")
_ENDS = say("Semicolons at the ends of lines are left out.")
_JOINED = say("Commas with a blank behind them part the columns, others stand in numbers.")
_COMMA = re.compile(r"[-+]?\d+(?:,\d+)?(?:[eE][-+]?\d+)?")
_LINED_UP = say("Names of several words are told by where the numbers below them end.")


def is_octave(head: str) -> bool:
    """Whether a text begins as a file that Octave saves as text."""
    return bool(_OCTAVE.match(head))


def octave_rows(text: str) -> None:
    """Leave the one matrix of a file of Octave to the table that it is.

    Raises
    ------
    NotWhole
        When there are several variables in it, or one whose lines are no rows.
    """
    found = _VARIABLE.findall(text)
    odd = [kind for _, kind, axes in found if axes or not _ROWS.fullmatch(kind.strip())]
    if len(found) > 1:
        names = listed(name for name, _, _ in found[:8])
        raise NotWhole(
            say("{count} variables of Octave are saved in it ({names})", count=len(found),
                names=names),
            "Save them in a format that names them: save -v7 FILE.mat in Octave.",
        )  # fmt: skip
    if odd:
        raise NotWhole(
            say("Octave saved a {kind} in it, whose lines are no rows", kind=odd[0].strip()),
            "Save it in a format that names its shape: save -v7 FILE.mat in Octave.",
        )


def armadillo(head: str) -> Headed | None:
    """Return what stands above a matrix of Armadillo's arma_ascii; None for another text.

    Examples
    --------
    >>> armadillo("ARMA_MAT_TXT_FN008\\n1 2\\n 0.5 0.25\\n").lines == {1, 2}
    True
    """
    return Headed(frozenset({1, 2}), _ARMADILLO_NOTE) if _ARMADILLO.match(head) else None


def is_run_together(head: str) -> bool:
    """Whether numbers of fixed width stand without blanks between them."""
    return any(_FIXED.fullmatch(line) and _RUN.search(line) for line in _whole_lines(head))


def parted_rows(text: str) -> Printed | None:
    """Return rows of fixed width with their numbers parted; None where they are not of one width.

    Examples
    --------
    >>> parted_rows(" 1-0.5 2.5\\n 2 1.5-3.5\\n").rows
    ['1 -0.5 2.5', '2 1.5 -3.5']
    """
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    if not all(map(_FIXED.fullmatch, lines)):
        return None
    parted = [_RUN.sub(" ", line) for line in lines]
    rows = [line.split() for line in parted]
    ends = {tuple(_ends_of(line)) for line in lines}
    # Where a sign stands in every row, it may part the two ends of a range: 10.5-20.5.
    always = set.intersection(*({one.start() for one in _RUN.finditer(line)} for line in lines))
    exponents = any(letter in line for line in lines for letter in "eEdD")
    plain = all(is_number(cell.upper().replace("D", "E")) for row in rows[:50] for cell in row)
    if len(ends) > 1 or not plain or (always and not exponents):
        return None
    return Printed([" ".join(row) for row in rows], _RUNS)


def _ends_of(line: str) -> list[int]:
    """Where the numbers of a line end."""
    starts = [0, *(found.start() for found in _RUN.finditer(line)), len(line)]
    return [
        begin + found.end() for begin, end in pairwise(starts)
        for found in re.finditer(r"\S+", line[begin:end])
    ]  # fmt: skip


def is_ended(head: str) -> bool:
    """Whether every line ends with a semicolon and has several cells in front of it.

    Examples
    --------
    >>> is_ended("1 2;\\n3 4;\\n"), is_ended("1,5;\\n2;\\n"), is_ended("1;2;\\n3;4;\\n")
    (True, False, False)
    """
    lines = [line.strip() for line in _whole_lines(head)]
    if len(lines) < 2 or not all(line.endswith(";") and line.count(";") == 1 for line in lines):
        return False
    counts = {len(re.split(r",|\s+", line[:-1].strip())) for line in lines}
    return len(counts) == 1 and 1 not in counts


def ended_rows(text: str) -> Printed | None:
    """Return the lines without the semicolons that end them."""
    rows = [line.strip() for line in text.split("\n") if line.strip()]
    if not all(row.endswith(";") and row.count(";") == 1 for row in rows[:-1]):
        return None
    return Printed([row.removesuffix(";").rstrip() for row in rows], _ENDS, None, None)


def is_joined(head: str) -> bool:
    """Whether ", " parts the columns, and commas without a blank stand in the numbers.

    Examples
    --------
    >>> is_joined("1,5, 2\\n3, 4,25\\n"), is_joined("1, 5\\n3, 4\\n"), is_joined("1,5\\n3,4\\n")
    (True, False, False)
    """
    return _joined(_whole_lines(head)) is not None


def joined_rows(text: str) -> Printed | None:
    """Return rows of numbers with decimal commas that a program joined by comma and blank."""
    rows = _joined([line for line in text.split("\n") if line.strip()])
    return None if rows is None else Printed([";".join(row) for row in rows], _JOINED, None, None)


def _joined(lines: list[str]) -> list[list[str]] | None:
    rows = [line.strip().split(", ") for line in lines]
    if len(rows) < 2 or len({*map(len, rows)}) > 1 or len(rows[0]) < 2:
        return None
    body = [cell for row in rows[1:] for cell in row]
    commas = any("," in cell for cell in body)
    return rows if commas and all(map(_COMMA.fullmatch, body)) else None


def is_typeset_rows(head: str) -> bool:
    """Whether every line is a row of LaTeX, without what begins and ends a table of it."""
    lines = [line.strip() for line in _whole_lines(head)]
    return len(lines) > 1 and all("&" in line and line.endswith("\\\\") for line in lines)


def is_lined_up(head: str) -> bool:
    """Whether names with blanks in them stand above numbers that end where they do."""
    return _lined_up(_whole_lines(head)) is not None


def lined_up_rows(text: str) -> Printed | None:
    """Return a table whose names end where its numbers do, as pandas and R print it.

    Examples
    --------
    >>> lined_up_rows("   first one  b\\n0        1.5  2\\n1       12.5  3\\n").rows
    ['\\tfirst one\\tb', '0\\t1.5\\t2', '1\\t12.5\\t3']
    """
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    names = _lined_up(lines)
    if names is None:
        return None
    rows = ["\t".join(line.split()) for line in lines[1:]]
    return Printed(["\t".join(names), *rows], _LINED_UP, None, None)


def _lined_up(lines: list[str]) -> list[str] | None:
    """The names above columns that end alike, of which some are of several words; or None."""
    if len(lines) < 3 or "\t" in "".join(lines[:3]):
        return None
    ends = {tuple(_word_ends(line)[1:]) for line in lines[1:]}
    words, body = lines[0].split(), lines[1].split()
    if len(ends) > 1 or len(body) < 3 or not all(map(is_number, body[1:])):
        return None
    wanted, closed = set(next(iter(ends))), 0
    names, open_words = [""], list[str]()
    starts = _word_ends(lines[0])
    if starts[0] == _word_ends(lines[1])[0]:
        names[0], words, starts = words[0], words[1:], starts[1:]
    for place, (word, end) in enumerate(zip(words, starts, strict=True)):
        open_words.append(word)
        if end in wanted:
            closed += 1
            names.append(" ".join(open_words))
            open_words = []
        elif place + 1 < len(words) and starts[place + 1] - len(words[place + 1]) != end + 1:
            return None
    several = any(" " in name for name in names)
    # A row of numbers is no line of names.
    worded = 2 * sum(map(is_number, names)) < len(wanted)
    return names if several and worded and not open_words and closed == len(wanted) else None


def _word_ends(line: str) -> list[int]:
    return [found.end() for found in re.finditer(r"\S+", line)]


def _whole_lines(head: str) -> list[str]:
    """The lines of a beginning that are not cut, blank ones left out."""
    lines = head.split("\n")
    return [line for line in (lines[:-1] if len(lines) > 2 else lines) if line.strip()]
