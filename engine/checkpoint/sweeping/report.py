"""The rows of a sweep as a table: CSV, parquet, .npz, and one HTML file with a heat map."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from engine.checkpoint.requests import Row
from engine.checkpoint.roles import ROLES
from engine.checkpoint.sweeping.sweep import Sweep
from engine.errors import RankscopeError
from engine.sentences import say

SUFFIXES = (".csv", ".parquet", ".html", ".npz")
_FIRST = ("name", "layer", "stack", "role", "expert", "rows", "columns", "dtype", "parameters")
_FIGURES = (
    *("spectral_norm", "frobenius_norm", "stable_rank", "effective_rank", "participation_ratio"),
    *("numerical_rank", "condition_number", "alpha", "ks_distance", "tail_size", "snr"),
    "alpha_hat",
)
_LAST = ("method", "error_bound", "seconds", "key", "problem")
_TEXTS = ("name", "stack", "role", "dtype", "method", "key", "problem")
_WHOLE = (
    "step",
    "layer",
    "expert",
    "rows",
    "columns",
    "parameters",
    "numerical_rank",
    "tail_size",
    "intruders",
)
_WORDS = {
    "step": say("step"),
    "name": say("name"),
    "layer": say("layer"),
    "stack": say("stack"),
    "role": say("role"),
    "expert": say("expert"),
    "rows": say("rows"),
    "columns": say("columns"),
    "dtype": say("type"),
    "parameters": say("parameters"),
    "spectral_norm": say("Spectral norm"),
    "frobenius_norm": say("Frobenius norm"),
    "stable_rank": say("Stable rank"),
    "effective_rank": say("Effective rank"),
    "participation_ratio": say("Participation ratio"),
    "numerical_rank": say("Numerical rank"),
    "condition_number": say("Condition number"),
    "alpha": say("Power-law exponent"),
    "ks_distance": say("KS distance"),
    "tail_size": say("Values in the tail"),
    "snr": say("signal / noise"),
    "alpha_hat": say("alpha-hat"),
    "method": say("method"),
    "error_bound": say("error bound"),
    "seconds": say("seconds"),
    "problem": say("problem"),
}
_MOST_CELLS = 20_000  # of a heat map


@dataclass(frozen=True)
class Columns:
    """A table: a list of values under every name, one for each row.

    Values are text, int, float or None.
    """

    cells: Mapping[str, Sequence[Any]]

    @property
    def lines(self) -> list[tuple[Any, ...]]:
        """The rows of the table."""
        return list(zip(*self.cells.values(), strict=True))


def columns_of(
    rows: Sequence[Row],
    more: Mapping[str, Sequence[Any]] | None = None,
    steps: Sequence[int] = (),
) -> Columns:
    """Return the rows of a sweep as a table.

    Parameters
    ----------
    rows : sequence of Row
    more : mapping of str to sequence, optional
        Further columns, after the ranks.
    steps : sequence of int
        The step of a training that each row belongs to, where there are several.

    Examples
    --------
    >>> row = Row("q", 3, "", "q", None, (4, 2), "float32", 8, ranks={"energy": 1})
    >>> found = columns_of([row]).cells
    >>> found["layer"], found["rows"], found["rank_energy"], found["alpha"]
    ([3], [4], [1], [None])
    """
    names = dict.fromkeys(name for row in rows for name in row.ranks)
    cells: dict[str, Sequence[Any]] = {"step": list(steps)} if steps else {}
    cells |= {name: [_cell(row, name) for row in rows] for name in _FIRST}
    cells |= {name: [_cell(row, name) for row in rows] for name in _FIGURES}
    cells |= {f"rank_{name}": [row.ranks.get(name) for row in rows] for name in names}
    cells |= more or {}
    return Columns(cells | {name: [_cell(row, name) for row in rows] for name in _LAST})


def _cell(row: Row, name: str) -> Any:
    if name in ("rows", "columns"):
        return row.shape[name == "columns"]
    value = getattr(row, name)
    return None if isinstance(value, float) and math.isnan(value) else value


def table_bytes(
    suffix: str,
    found: Sweep,
    more: Mapping[str, Sequence[Any]] | None = None,
    title: str = "",
    words: Callable[[str], str] = str,
    steps: Sequence[int] = (),
    mapped: Sequence[Row] | None = None,
) -> bytes:
    """Return the table of a sweep as a file of a kind has it.

    Parameters
    ----------
    suffix : str
        One of `SUFFIXES`.
    more, steps
        As for `columns_of`.
    title, words, mapped
        As for `html_text`.

    Raises
    ------
    RankscopeError
        When pyarrow, which parquet needs, is not installed.

    Examples
    --------
    >>> row = Row("q", 3, "", "q", None, (4, 2), "float32", 8)
    >>> text = table_bytes(".csv", Sweep((row,), (), 0.0, 0, 1, ()), {"rank_budget": [2]})
    >>> text.decode().splitlines()[1].startswith("q,3,,q,,4,2,float32,8,")
    True
    """
    table = columns_of(found.rows, more, steps)
    if suffix == ".npz":
        return npz_bytes(table, found.rows)
    if suffix == ".parquet":
        return parquet_bytes(table)
    text = csv_text(table) if suffix == ".csv" else html_text(found, table, title, words, mapped)
    return text.encode()


def csv_text(table: Columns) -> str:
    """Return a table as CSV: a line of names, then numbers with a point, nothing where none is.

    Examples
    --------
    >>> csv_text(Columns({"name": ["a"], "alpha": [2.5], "layer": [None]}))
    'name,alpha,layer\\na,2.5,\\n'
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.cells)
    writer.writerows(["" if cell is None else cell for cell in line] for line in table.lines)
    return file.getvalue()


def npz_bytes(table: Columns, rows: Sequence[Row]) -> bytes:
    """Return a table as .npz: an array for every column, and the singular values of all rows.

    Whole numbers that are not there are -1, others NaN. The values of row i are
    ``values[offsets[i]:offsets[i + 1]]``.
    """
    arrays: dict[str, Any] = {name: _array(name, cells) for name, cells in table.cells.items()}
    sizes = [row.values.size for row in rows]
    arrays["values"] = np.concatenate([np.zeros(0), *(row.values for row in rows)])
    arrays["offsets"] = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _array(name: str, cells: Sequence[Any]) -> Any:
    if name in _TEXTS or any(isinstance(cell, str) for cell in cells):
        return np.array(list(map(str, cells)), dtype=np.str_)
    if name in _WHOLE or name.startswith("rank_"):
        return np.array([-1 if cell is None else cell for cell in cells], np.int64)
    return np.array([np.nan if cell is None else cell for cell in cells], np.float64)


def require_parquet() -> None:
    """Refuse where nothing is installed that writes parquet.

    Raises
    ------
    RankscopeError
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        text = "Parquet is written by pyarrow, which is not installed: pip install pyarrow"
        raise RankscopeError(say(text)) from error


def parquet_bytes(table: Columns) -> bytes:
    """Return a table as parquet.

    Raises
    ------
    RankscopeError
        When pyarrow is not installed.
    """
    require_parquet()
    import pyarrow
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pyarrow.table({k: list(v) for k, v in table.cells.items()}), file)
    return file.getvalue()


def html_text(
    found: Sweep,
    table: Columns,
    title: str,
    words: Callable[[str], str] = str,
    mapped: Sequence[Row] | None = None,
) -> str:
    """Return one HTML file: a heat map of stable ranks relative to their role, and the table.

    Parameters
    ----------
    title : str
        Name of the model.
    words : callable
        Says a sentence in the reader's language.
    mapped : sequence of Row, optional
        Rows of the heat map, those of the last step where there are several; all without it.
    """
    said = [
        say("{count} matrices, {skipped} tensors skipped", count=len(found.rows),
            skipped=len(found.skipped)),
        *found.notes,
    ]  # fmt: skip
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        *(f"<p>{html.escape(words(one))}</p>" for one in said),
        f"<h2>{html.escape(words(say('Stable rank, relative to the median of its role')))}</h2>",
        _heat_map(found.rows if mapped is None else mapped),
        f"<h2>{html.escape(words(say('Matrices')))}</h2>",
        _table(
            [words(_WORDS.get(name, name)) for name in table.cells if name != "key"],
            ([c for n, c in zip(table.cells, line, strict=True) if n != "key"]
             for line in table.lines),
        ),
    ]  # fmt: skip
    if found.skipped:
        parts.append(f"<h2>{html.escape(words(say('Skipped')))}</h2>")
        heads = [words(say("name")), words(say("shape")), words(say("reason"))]
        lines = ((one.name, str(one.shape), words(one.reason)) for one in found.skipped)
        parts.append(_table(heads, lines))
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


_STYLE = """
body { font: 14px sans-serif; margin: 2em; color: #222; background: #fff }
table { border-collapse: collapse }
th, td { padding: 2px 6px; text-align: right; white-space: nowrap }
th { position: sticky; top: 0; background: #eee }
.words { text-align: left }
tr:nth-child(even) td { background: #f7f7f7 }
.map tr td { min-width: 3.5em; background: none }
"""


def _table(heads: Iterable[str], lines: Iterable[Sequence[Any]]) -> str:
    rows = [tuple(line) for line in lines]
    kinds = [any(isinstance(cell, str) for cell in column) for column in zip(*rows, strict=True)]
    names = list(heads)
    top = _cells("th", names, kinds or [False] * len(names))
    return f"<table>{top}\n" + "\n".join(_cells("td", row, kinds) for row in rows) + "</table>"


def _cells(tag: str, row: Sequence[Any], are_words: Sequence[bool]) -> str:
    """A row; words stand at the left of their columns, as their headings do."""
    marks = (f'{tag} class="words"' if words else tag for words in are_words)
    cells = zip(marks, row, strict=True)
    shown = (f"<{mark}>{html.escape(_shown(cell))}</{tag}>" for mark, cell in cells)
    return f"<tr>{''.join(shown)}</tr>"


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def _heat_map(rows: Sequence[Row]) -> str:
    """Layers down, roles across; a cell is the median of what lies there."""
    ranks: dict[tuple[str, str], dict[int, list[float]]] = {}
    for row in rows:
        if row.layer is not None and math.isfinite(row.stable_rank):
            place = ranks.setdefault((row.stack, row.role), {})
            place.setdefault(row.layer, []).append(row.stable_rank)
    ranks = dict(sorted(ranks.items(), key=lambda one: (one[0][0], ROLES.index(one[0][1]))))
    layers = sorted({layer for column in ranks.values() for layer in column})
    if not ranks or len(layers) * len(ranks) > _MOST_CELLS:
        return ""
    heads = "".join(f"<th>{html.escape(' '.join(filter(None, key)))}</th>" for key in ranks)
    middle = {
        key: median(one for found in column.values() for one in found)
        for key, column in ranks.items()
    }
    lines = []
    for layer in layers:
        cells = "".join(
            _heat(median(column[layer]), middle[key]) if layer in column else "<td></td>"
            for key, column in ranks.items()
        )
        lines.append(f"<tr><th>{layer}</th>{cells}</tr>")
    return f'<table class="map"><tr><th></th>{heads}</tr>\n' + "\n".join(lines) + "</table>"


def _heat(value: float, middle: float) -> str:
    """A cell, blue below the median and red above, full at a factor of four."""
    ratio = math.log2(value / middle) / 2.0 if value > 0.0 and middle > 0.0 else 0.0
    pale = 255 - round(130.0 * min(abs(ratio), 1.0))
    colour = f"rgb(255,{pale},{pale})" if ratio > 0.0 else f"rgb({pale},{pale},255)"
    return f'<td\nstyle="background:{colour}">{value:.3g}</td>'
