"""What programs print in place of a table: its rows as lines of one.

Matrices in brackets (NumPy, PyTorch, Julia, MATLAB, nested lists, {{1, 2}} of Mathematica), what
MATLAB, R and pandas show in blocks of columns, LaTeX, boxes drawn with lines. Grids and what has
lines of its own above the rows stand in `headed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.files.layouts.table.printed.base import SHORTENED, NotWhole, Printed, is_number
from engine.files.layouts.table.printed.grids import grid_rows, is_grid, is_surfer, surfer_rows
from engine.files.layouts.table.printed.statistics import (
    eurostat_rows,
    is_eurostat,
    is_structure,
    structure_rows,
)
from engine.files.layouts.table.printed.written import (
    ended_rows,
    is_ended,
    is_joined,
    is_lined_up,
    is_octave,
    is_run_together,
    is_typeset_rows,
    joined_rows,
    lined_up_rows,
    octave_rows,
    parted_rows,
)
from engine.sentences import say

__all__ = ["HEAD", "is_printed", "printed_rows"]

# A name, calls, what PyTorch and TensorFlow say of a matrix, how large Maple says that it is.
_BEFORE = re.compile(
    r"\s*(?:Parameter containing:\s*|<tf\.Tensor:[^\n]*numpy=\s*)?"
    r"(?:[A-Za-z_]\w*\s*(?::=|=|<-)\s*)?(?:[A-Za-z_][\w.]*\(\s*)*(?:\d+\s*,\s*\d+\s*,\s*)?"
)
_START = re.compile(
    rf"{_BEFORE.pattern}[\[{{]\s*[\[{{(]*\s*(?:[A-Za-z_][\w.]*\()?\s*"
    r"(?:[-+.(\d]|(?:True|False|[Nn]a[Nn]|null|[Ii]nf|Infinity|NA)\b)"
)
_CALL = re.compile(r"\b[A-Za-z_][\w.]*\(([^()\[\]{}]*)\)")
_TAIL = re.compile(r"(?:,\s*[a-z_]+=[^\[\]{}]*)?\)*>?\s*;?\s*$")
_INNER = re.compile(r"[\[{]([^\[\]{}]*)[\]}]")
_LEFT_OUT = re.compile(r"\.\.\.|…|⋯")
# [1] in front of numbers is how R counts them.
_COUNTED = re.compile(r"\s*\[(\d+)\]\s+(\S.*)")
_R_COLUMNS = re.compile(r"\s*(?:\[,\d+\]\s*)+")
_NAMED = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*")
_COLUMNS = re.compile(r"\s*Columns?\s+\d+(?:\s+(?:through|and|to)\s+\d+)?:?\s*", re.IGNORECASE)
_SCALE = re.compile(r"\s*1(?:\.0+)?e([-+]?\d+)\s*\*\s*", re.IGNORECASE)
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_LATEX = re.compile(
    r"\\begin\{(?:\w?matrix|array|tabular\w?|longtable)\*?\}(?:\[[^\]]*\]|\{[^{}]*\})*(.*?)\\end\{",
    re.DOTALL,
)
_LATEX_RULE = re.compile(r"\\(?:hline|\w*rule|cline|endhead|endfoot\w*)(?:[\[{(][^\]})]*[\]})])*")
_BOX_RULE = re.compile(r"[─━═╌┄┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╞╡╪╒╕╘╛╤╧╟╢╫╭╮╰╯│┃║\s]+")
_BOX_WALL = re.compile(r"[│┃║┆]")
_BOX_TYPE = re.compile(r"---|[fiu]\d+|str|bool|double|float|varchar|int\d*|integer|bigint|")
_ROWS_BY_COLUMNS = re.compile(r"^\[\d+ rows x \d+ columns\]\s*$", re.MULTILINE)
# So many characters tell a print.
HEAD = 1024
_SEVERAL = (
    "several matrices are printed in it, one below the other",
    "Save each of them as .csv: writematrix(A, 'A.csv').",
)
_ASSIGNED = re.compile(r"[\s;,]*[A-Za-z_]\w*\s*(?::=|=|<-)\s*(?:[A-Za-z_][\w.]*\(\s*)*")
_BLOCKS = (
    "this is the print of a matrix in blocks of columns that do not fit each other",
    "Save the array itself as .csv.",
)


def is_printed(head: str) -> bool:
    """Whether a text begins as a print does.

    Examples
    --------
    >>> is_printed("tensor([[1., 2.],"), is_printed("A = [1 2; 3 4]"), is_printed("1.5,2\\n")
    (True, True, False)
    """
    return any(begins(head) for begins, _ in _KINDS)


_ASSIGNS = re.compile(r"\s*(?:%.*\n\s*)*[A-Za-z]\w*\s*=\s*\[(?!\s*\[)")
_CONTINUED = re.compile(
    r"(?<=[;,])[ \t]*\.\.\.[^\n]*\n|(?<=[\d\[])[ \t]+\.\.\.[ \t]*\n(?=[ \t]*\])"
)


def printed_rows(text: str) -> Printed | None:
    """Return the rows of a print; None where it is none.

    Raises
    ------
    NotWhole
        When the print leaves out numbers.

    Examples
    --------
    >>> printed_rows("array([[1., 2.],\\n       [3., 4.]])").rows
    ['1.,2.', '3.,4.']
    >>> printed_rows("A =\\n\\n   1.0e+03 *\\n\\n    1.5000   -2.0000\\n").rows
    ['1.5000e+03,-2.0000e+03']
    """
    text = text.replace("\r\n", "\n")
    if _ASSIGNS.match(text):  # in MATLAB the dots say that the line goes on
        text = _CONTINUED.sub("\n", text)
    head = text[:HEAD]
    found = (rows_of(text) for begins, rows_of in _KINDS if begins(head))
    return next((one for one in found if one is not None), None)


def _bracketed(text: str) -> Printed | None:
    bare = _BEFORE.sub("", _CALL.sub(r"\1", text), count=1)
    end = max(bare.rfind("]"), bare.rfind("}")) + 1  # no bracket is in what comes behind
    bare = bare[:end] + _TAIL.sub("", bare[end:])
    depth = most = groups = 0
    for part in re.split(r"([\[\]{}])", bare):
        if part in ("[", "{"):
            depth += 1
        elif part in ("]", "}"):
            depth -= 1
        elif depth == 0 and part.strip(" \t\r\n,;"):
            if groups and _ASSIGNED.fullmatch(part):
                raise NotWhole(*_SEVERAL)
            return None
        groups += part in ("[", "{") and depth == 1
        most = max(most, depth)
        if depth < 0:
            return None
    if depth or not 0 < most <= 2:
        return None
    if groups > 1 == most - 1:
        raise NotWhole(*_SEVERAL)
    if _LEFT_OUT.search(bare):
        raise NotWhole(*SHORTENED)
    rows = [piece for inner in _INNER.findall(bare) for piece in _pieces(inner, most)]
    rows = [row for row in map(_separated, rows) if row]
    return Printed(rows, _BRACKETS) if rows else None


_BRACKETS = say("A matrix as it is printed: its brackets are left out.")


def _pieces(inner: str, depth: int) -> list[str]:
    """Return the rows of one pair of brackets: several only where semicolons part them."""
    return inner.split(";") if depth == 1 and ";" in inner else [inner]


def _separated(row: str) -> str:
    # Of a complex number NumPy sets the parts apart, to line them up.
    row = re.sub(r"(?<=[\d.])\s+(?=[-+][\d.]+(?:e[-+]?\d+)?j)", "", row) if "j" in row else row
    cells = row.split(",") if "," in row else row.split()
    cells = [cell.strip() for cell in cells]
    return ",".join(cells[:-1] if cells and not cells[-1] else cells)


def _called(text: str) -> Printed | None:
    """np.float64(1.5), as Python shows a number: the numbers alone."""
    lines = [_CALL.sub(r"\1", line).strip(" ,\r") for line in text.split("\n")]
    rows = [line for line in lines if line]
    return Printed(rows, _CALLS) if "(" not in "".join(rows) else None


_CALLS = say("Numbers as Python shows them: the names of their types are left out.")


def _shown(text: str) -> Printed | None:
    """What MATLAB and Octave show: a name, a common factor, blocks of columns."""
    text = re.sub(r"\s+([-+])\s+(?=(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[ij])", r"\1", text)
    blocks: list[list[list[str]]] = [[]]
    scale = ""
    for number, line in enumerate(one for one in text.split("\n") if one.strip()):
        if _NAMED.fullmatch(line):
            if number:
                raise NotWhole(*_SEVERAL)
        elif _COLUMNS.fullmatch(line):
            blocks.append([])
        elif found := _SCALE.fullmatch(line):
            scale = f"e{found[1]}"
        else:
            cells = line.split()
            if not all(map(is_number, cells)):
                return None
            blocks[-1].append([f"{c}{scale}" if _PLAIN.fullmatch(c) else c for c in cells])
    rows = _beside([block for block in blocks if block])
    return Printed([",".join(row) for row in rows], _DISPLAY) if rows else None


_DISPLAY = say("A matrix as it is shown: its name, factor and blocks of columns are put together.")


def _beside(blocks: list[list[list[str]]]) -> list[list[str]]:
    """Return blocks of rows as one, side by side."""
    if any(len(block) != len(blocks[0]) for block in blocks):
        raise NotWhole(*_BLOCKS)
    return [[cell for row in rows for cell in row] for rows in zip(*blocks, strict=True)]


def _counted(text: str) -> Printed | None:
    """[1] 0.5 0.25, as R shows a vector."""
    found: list[str] = []
    for line in text.split("\n"):
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        match = _COUNTED.fullmatch(line.rstrip())
        if match is None:
            return None
        if int(match[1]) != len(found) + 1:
            raise NotWhole(
                "several vectors are printed in it, one below the other",
                "Save each of them as .csv: write.csv(x, 'x.csv').",
            )
        found += match[2].split()
    return Printed(found, _COUNTS) if found else None


_COUNTS = say("A vector as R shows it: what counts its numbers is left out.")


def _wrapped(text: str) -> Printed | None:
    """A table shown in blocks of columns that repeat the labels, as R and pandas do."""
    if _LEFT_OUT.search(text):
        raise NotWhole(*SHORTENED)
    blocks: list[list[list[str]]] = []
    is_apart = True
    for line in _ROWS_BY_COLUMNS.sub("", text).split("\n"):
        bare = line.rstrip().removesuffix("\\").rstrip()
        if bare and (is_apart or _R_COLUMNS.fullmatch(bare)):
            blocks.append([])
        is_apart = not bare
        if bare:
            blocks[-1].append(bare.split())
    if len(blocks) < 2 or any(len(block) < 2 for block in blocks):
        return None
    labels = [row[0] for row in blocks[0][1:]]
    joined = [["", *blocks[0][0]], *blocks[0][1:]]
    for block in blocks[1:]:
        if [row[0] for row in block[1:]] != labels:
            raise NotWhole(*_BLOCKS)
        joined[0] = joined[0] + block[0]
        joined[1:] = [row + more[1:] for row, more in zip(joined[1:], block[1:], strict=True)]
    return Printed(["\t".join(row) for row in joined], _DISPLAY, None, None)


def _typeset(text: str) -> Printed | None:
    """Rows of LaTeX: cells between &, lines that end in two backslashes."""
    bodies = [text] if is_typeset_rows(text[:HEAD]) else _LATEX.findall(text)
    if len(bodies) != 1:
        return None
    body = _LATEX_RULE.sub("", re.sub(r"(?<!\\)%.*", "", bodies[0]))
    rows = [re.sub(r"\s+", " ", row).strip() for row in re.split(r"\\\\(?:\[[^\]]*\])?", body)]
    cells = [[_untypeset(cell) for cell in re.split(r"(?<!\\)&", row)] for row in rows if row]
    if _LEFT_OUT.search(body) or r"\dots" in body or r"\cdots" in body or r"\vdots" in body:
        raise NotWhole(*SHORTENED)
    return Printed(["\t".join(row) for row in cells], _TYPESET, None, None) if cells else None


_TYPESET = say("Rows of LaTeX are read as a table.")


def _untypeset(cell: str) -> str:
    cell = re.sub(r"\\(?:text\w*|math\w+|num)\{([^{}]*)\}", r"\1", cell).replace("{,}", ",")
    return re.sub(r"\\[,;:! ]|\$", "", cell).replace("\\%", "%").replace("\\_", "_").strip()


def _boxed(text: str) -> Printed | None:
    """A table drawn with lines, as Polars, DuckDB and R's tools do."""
    lines = [line.strip() for line in text.split("\n") if _BOX_WALL.search(line)]
    rows = [_BOX_WALL.split(line)[1:-1] for line in lines if not _BOX_RULE.fullmatch(line)]
    cells = [[cell.strip() for cell in row] for row in rows]
    cells = cells[:1] + [row for row in cells[1:] if not all(map(_BOX_TYPE.fullmatch, row))]
    if any(cell in ("…", "...", "·") for row in cells for cell in row):
        raise NotWhole(*SHORTENED)
    return Printed(["\t".join(row) for row in cells], _BOXES, None, None) if cells else None


_BOXES = say("The lines drawn around the table are left out.")


def _first(head: str) -> str:
    return next((line for line in head.split("\n") if line.strip()), "")


_KINDS: tuple[tuple[Callable[[str], bool], Callable[[str], Printed | None]], ...] = (
    (is_structure, structure_rows),
    (lambda head: bool(_START.match(head)) and not _COUNTED.match(_first(head)), _bracketed),
    (lambda head: bool(re.match(r"\s*(?:np|numpy|jnp)\.\w+\(", head)), _called),
    (
        lambda head: any(one.fullmatch(_first(head)) for one in (_NAMED, _COLUMNS, _SCALE)),
        _shown,
    ),
    (lambda head: bool(re.match(r"\s*(?:>.*\n)?\s*\[1\]\s", head)), _counted),
    (lambda head: bool(_R_COLUMNS.fullmatch(_first(head))), _wrapped),
    (lambda head: _first(head).rstrip().endswith(" \\"), _wrapped),
    (lambda head: r"\begin{" in head or is_typeset_rows(head), _typeset),
    (lambda head: bool(_BOX_WALL.search(head)), _boxed),
    (is_grid, grid_rows),
    (is_surfer, surfer_rows),
    (is_octave, octave_rows),
    (is_ended, ended_rows),
    (is_run_together, parted_rows),
    (is_lined_up, lined_up_rows),
    (is_joined, joined_rows),
    (is_eurostat, eurostat_rows),
)
