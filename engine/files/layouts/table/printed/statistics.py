"""Tables of Eurostat, and what R writes of a matrix by dput."""

from __future__ import annotations

import re

from engine.files.layouts.table.printed.base import NotWhole, Printed, is_number
from engine.sentences import say

_EUROSTAT = re.compile(r"[\w ,]*\w\\\w+[^\S\n]*(?:\t[^\S\n]*[\w-]+[^\S\n]*)+(?:\n|$)")
# A number and what marks it as estimated, provisional and so on; ":" is not available.
_FLAGGED = re.compile(r"(:|[-+]?[\d.]+(?:[eE][-+]?\d+)?)(?:\s*[a-z]{1,4})?")
_FLAGS = say("A table of Eurostat: letters behind numbers are left out, a colon is missing.")
_STRUCTURE = re.compile(
    r"\s*structure\(\s*c\(([^()]*)\)\s*,\s*\.?dim\s*=\s*(?:c\(\s*)?(\d+)L?\s*[,:]\s*(\d+)L?\s*\)?"
    r"(?:\s*,\s*\.?dimnames\s*=\s*list\((.*)\))?\s*\)\s*",
    re.IGNORECASE | re.DOTALL,
)
_VECTOR = re.compile(r"\s*c\(([^()]*)\)\s*")
_NAMES = re.compile(r"\s*(NULL|c\(((?:[^\"()]|\"[^\"]*\")*)\)|\"[^\"]*\")\s*(?:,|$)")
_DEPARSED = say("A matrix as R writes it (dput): its numbers stand column by column.")


def is_eurostat(head: str) -> bool:
    """Whether a text begins as a table of Eurostat does: ``freq,geo\\TIME_PERIOD`` and years."""
    return bool(_EUROSTAT.match(head))


def eurostat_rows(text: str) -> Printed | None:
    """Return the lines of a table of Eurostat, flags left out; None where a cell is none."""
    lines = [[cell.strip() for cell in line.split("\t")] for line in text.split("\n") if line]
    rows = [lines[0]]
    for line in lines[1:]:
        found = [_FLAGGED.fullmatch(cell) for cell in line[1:]]
        numbers = [one[1] for one in found if one is not None]
        if len(numbers) < len(found):
            return None
        rows.append([line[0], *("NA" if one == ":" else one for one in numbers)])
    return Printed(["\t".join(row) for row in rows], _FLAGS, 1, 1)


def is_structure(head: str) -> bool:
    """Whether a text begins as what R's dput writes does."""
    return bool(re.match(r"\s*(?:structure|c)\(", head))


def structure_rows(text: str) -> Printed | None:
    """Return the rows of a matrix or vector that dput wrote; None of what only begins so.

    Raises
    ------
    NotWhole
        When R wrote something else, as a data frame.
    """
    found = _STRUCTURE.fullmatch(text)
    plain = _VECTOR.fullmatch(text)
    inner = found[1] if found else plain[1] if plain else ""
    cells = [re.sub(r"(?<=\d)L$", "", cell.strip()) for cell in inner.split(",")]
    rows, columns = (int(found[2]), int(found[3])) if found else (len(cells), 1)
    if rows * columns != len(cells) or not all(map(is_number, cells)):
        if text.lstrip().startswith("c("):
            return None
        raise NotWhole(
            "this is what R's dput writes, and no matrix of numbers",
            "Save the table itself: write.csv(x, 'x.csv').",
        )
    lines = [cells[row::rows] for row in range(rows)]
    names = [_names(one) for one in _NAMES.finditer(found[4])] if found and found[4] else []
    names = [*names, [], []][:2]
    if len(names[0]) == rows:
        lines = [[name, *line] for name, line in zip(names[0], lines, strict=True)]
    if len(names[1]) == columns:
        lines.insert(0, [*([""] if len(names[0]) == rows else []), *names[1]])
    header, index = int(len(names[1]) == columns), int(len(names[0]) == rows)
    return Printed(["\t".join(line) for line in lines], _DEPARSED, header, index)


def _names(found: re.Match[str]) -> list[str]:
    """Return the names of one axis; none for NULL."""
    return re.findall(r"\"([^\"]*)\"", found[1])
