"""A Table as text: CSV in full precision, Markdown and LaTeX with the digits shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from gui import __version__
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.names import cell_text
from gui.frozen import dataclass

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: rf"\{letter}" for letter in "&%$#_{}"},
}
# What pdfLaTeX knows only as mathematics; by its name there.
_SYMBOLS = {
    "α": "alpha",
    "β": "beta",
    "δ": "delta",
    "ε": "varepsilon",
    "θ": "theta",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "ω": "omega",
    "Δ": "Delta",
    "Σ": "Sigma",
    "Λ": "Lambda",
    "‖": "|",
    "→": "to",
    "∉": "notin",
    "∈": "in",
    "√": "surd",
    "∝": "propto",
    "∠": "angle",
    "≈": "approx",
    "≤": "le",
    "≥": "ge",
    "∞": "infty",
    "⌊": "lfloor",
    "⌋": "rfloor",
    "∘": "circ",
    "×": "times",
    "±": "pm",
    "·": "cdot",
}
_LATEX |= {letter: rf"\ensuremath{{\{name}}}" for letter, name in _SYMBOLS.items()}
_LATEX |= {"−": r"\ensuremath{-}", "…": r"\dots{}", "\u202f": r"\,", "\u2009": r"\,"}
_LATEX |= {"“": "``", "”": "''", "‘": "`", "’": "'", "–": "--", "½": r"\ensuremath{\frac12}"}
_LATEX["\u0302"] = r"\ensuremath{\hat{}}"
for _sign, _places, _plain in (
    *(("^", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵀ", "0123456789+-=()nT"),),
    *(("_", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₙ", "0123456789+-=()ijkn"),),
):
    _LATEX |= {
        letter: rf"\ensuremath{{{_sign}{plain}}}"
        for letter, plain in zip(_places, _plain, strict=True)
    }


def csv_text(table: Table) -> str:
    """Return where it comes from as comments, then headings and cells; numbers in full.

    Of a column of verdicts the words and what was measured have a column each.
    """
    file = io.StringIO()
    file.writelines(f"# {' '.join(line.split())}\n" for line in _comments(table))
    writer = csv.writer(file, lineterminator="\n")
    written = table.full or table
    heads: list[str] = []
    for column in written.columns:
        heads.append(column.heading)
        if column.measure:
            heads.append(f"{column.heading}: {column.measure}")
    writer.writerow(map(cell_text, heads))
    writer.writerows(map(cell_text, _full(written.columns, row)) for row in written.cells)
    return file.getvalue()


def markdown_text(table: Table) -> str:
    """Return a table in GitHub's Markdown under its title."""
    rule = ["---:" if column.number else "---" for column in table.columns]
    lines = [f"### {marked(table.title)}", ""]
    if table.note:
        lines += [marked(table.note), ""]
    lines.append(_pipes(marked(column.heading) for column in table.columns))
    lines.append(_pipes(rule))
    lines += [_pipes(marked(cell.said) for cell in row) for row in table.cells]
    return "\n".join(lines) + "\n"


def latex_text(table: Table) -> str:
    """Return a table environment in the manner of the package booktabs."""
    columns = "".join("r" if column.number else "l" for column in table.columns)
    lines = [
        f"% Rankscope {__version__}; needs \\usepackage{{booktabs}}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(table.title)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(latex(column.heading) for column in table.columns) + r" \\",
        r"\midrule",
        *(" & ".join(latex(cell.said) for cell in row) + r" \\" for row in table.cells),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def latex(text: str) -> str:
    """Return ``text`` with everything escaped that means something to LaTeX.

    Examples
    --------
    >>> latex("50 % of a_1 & b")
    '50 \\\\% of a\\\\_1 \\\\& b'
    """
    return "".join(_LATEX.get(letter, letter) for letter in text.replace("\n", " "))


def marked(text: str) -> str:
    """Return words as Markdown in which no character of theirs means anything.

    Examples
    --------
    >>> marked("a|b_1 [$5]")
    'a\\\\|b\\\\_1 \\\\[\\\\$5\\\\]'
    """
    return re.sub(r"([\\`*_|<>#$\[\]&~])", r"\\\1", " ".join(text.split()))


def _pipes(cells: Iterator[str] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _full(columns: Sequence[Column], row: Sequence[Cell]) -> Iterator[str]:
    for column, cell in zip(columns, row, strict=True):
        if column.measure:
            yield cell.text
            yield "" if cell.value is None else cell.in_full
        else:
            yield cell.in_full


def _comments(table: Table) -> Iterator[str]:
    yield f"Rankscope {__version__}"
    yield f"table: {table.key}"
    yield f"title: {table.title}"
    if table.note:
        yield f"note: {table.note}"
    for name, value in table.meta.items():
        yield f"{name} = {value}"


@dataclass(frozen=True)
class TextFormat:
    """One way to write a table as text."""

    title: str
    suffix: str
    text: Callable[[Table], str]


TEXT_FORMATS = (
    TextFormat("CSV", ".csv", csv_text),
    TextFormat("Markdown", ".md", markdown_text),
    TextFormat("LaTeX", ".tex", latex_text),
)
WRITERS = {known.suffix: known.text for known in TEXT_FORMATS}
