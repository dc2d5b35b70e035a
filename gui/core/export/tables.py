"""The plotted numbers as CSV and NPZ: complete and to the last bit, whatever the plot shows."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui import __version__
from gui.core.export.files import ExportError
from gui.core.export.metadata import KEY, payload_text
from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.core.words.i18n import tr
from gui.core.words.names import cell_text
from gui.core.words.readable import readable

Array = NDArray[Any]
Column = tuple[str, Array]


def write_csv(figure: Figure, path: Path) -> None:
    """Write comments, then one table of curves and bands, then each image as a matrix.

    Curves that share their x become one wide table; otherwise every curve brings its own x
    column, and shorter columns end with empty cells. Sections are parted by an empty line.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in _comments(figure):
            file.write(f"# {_one_line(line)}\n")
        writer = csv.writer(file, lineterminator="\n")
        columns = _columns(figure)
        if columns:
            writer.writerow(cell_text(name) for name, _ in columns)
            cells = (_texts(values) for _, values in columns)
            writer.writerows(itertools.zip_longest(*cells, fillvalue=""))
        for number, image in enumerate(figure.images):
            if number or columns:
                file.write("\n")
            shape = " x ".join(map(str, image.values.shape))
            edges = ", ".join(repr(float(edge)) for edge in image.extent)
            title = f"image {image.key}: {image.name} ({shape}); left, right, top, bottom = {edges}"
            file.write(f"# {_one_line(title)}\n")
            for side, axis, count in _sides(figure, image):
                if len(axis.names) == count:
                    file.write(f"# {side}: {_line_of(axis.names)}\n")
            # A colour picture is written row by row with its three channels side by side.
            rows = image.values.reshape(image.values.shape[0], -1)
            writer.writerows(_texts(row) for row in rows)


def write_npz(figure: Figure, path: Path) -> None:
    """Write ``<key>.x``, ``<key>.y`` (or .lower, .upper, .values, .extent) and ``metadata``."""
    arrays: dict[str, Array] = {"metadata": np.array(payload_text(figure))}
    for series in figure.series:
        _put(arrays, series.key, x=series.x, y=_numbers(series))
    for band in figure.bands:
        _put(arrays, band.key, x=band.x, lower=band.lower, upper=band.upper)
    for image in figure.images:
        _put(arrays, image.key, values=image.values, extent=np.array(image.extent))
    for side, axis in (("x", figure.x), ("y", figure.y)):
        if len(axis.names):
            arrays[f"{side}.names"] = np.array([readable(name) for name in axis.names])
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def _put(arrays: dict[str, Array], key: str, **parts: Any) -> None:
    # Keys become file names in an archive: nothing in them may climb out of a folder.
    name = re.sub(r"[/\\:]|\.\.", "_", key)
    while any(f"{name}.{part}" in arrays for part in parts):
        name += "_"
    for part, values in parts.items():
        array = np.asarray(values)
        if array.dtype.hasobject:
            raise ExportError(
                tr("{name} holds Python objects, which NPZ cannot keep. Choose CSV.", name=key)
            )
        arrays[f"{name}.{part}"] = array


def _comments(figure: Figure) -> Iterator[str]:
    yield f"Rankscope {__version__}"
    yield f"figure: {figure.key}"
    yield f"title: {figure.title}"
    if figure.note:
        yield f"note: {figure.note}"
    yield f"x axis: {_axis(figure.x)}"
    yield f"y axis: {_axis(figure.y)}"
    for name, value in figure.meta.items():
        yield f"{name} = {value}"
    for cursor in figure.cursors:
        yield f"cursor {cursor.key} ({cursor.label}): {cursor.axis} = {cursor.value!r}"
    for span in figure.spans:
        yield f"span {span.key} ({span.name}): {span.lower!r} <= {span.axis} <= {span.upper!r}"
    yield f"{KEY}: {payload_text(figure)}"


def _axis(axis: Axis) -> str:
    return f"{axis.label} (log)" if axis.log else axis.label


def _columns(figure: Figure) -> list[Column]:
    parts: list[tuple[str, str, Array, list[Column]]] = [
        (s.key, s.own_name, s.x, [("", _numbers(s))]) for s in figure.series
    ]
    parts += [
        (
            b.key,
            b.name,
            np.asarray(b.x),
            [(" lower", np.asarray(b.lower)), (" upper", np.asarray(b.upper))],
        )
        for b in figure.bands
    ]
    if not parts:
        return []
    names = [name or key for key, name, _, _ in parts]
    titles = [
        name if names.count(name) == 1 else f"{name} [{part[0]}]"
        for name, part in zip(names, parts, strict=True)
    ]
    first = parts[0][2]
    shared = all(x is first or _same(x, first) for _, _, x, _ in parts)
    columns: list[Column] = [(figure.x.label or "x", first)] if shared else []
    if shared and len(figure.x.names):
        columns.append((tr("name"), _called(figure.x, first)))
    for title, (_, _, x, ys) in zip(titles, parts, strict=True):
        if not shared:
            columns.append((f"{title} x", x))
            if len(figure.x.names):
                columns.append((f"{title} {tr('name')}", _called(figure.x, x)))
        for ending, y in ys:
            columns.append((f"{title}{ending}" if shared or ending else f"{title} y", y))
    return [(_one_line(name), values) for name, values in columns]


def _called(axis: Axis, places: Array) -> Array:
    return np.array([cell_text(readable(axis.name_at(place))) for place in places.tolist()])


def _sides(figure: Figure, image: Image) -> Iterator[tuple[str, Axis, int]]:
    rows, columns = image.values.shape[:2]
    yield "rows", figure.y, rows
    yield "columns", figure.x, columns


def _line_of(names: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(cell_text, names))
    return _one_line(line.getvalue())


def _numbers(series: Series) -> Array:
    """Return the data of a curve, also what its log axis cannot show."""
    return series.y if series.numbers is None else np.asarray(series.numbers)


def _same(one: Array, two: Array) -> bool:
    return one.shape == two.shape and one.dtype == two.dtype and one.tobytes() == two.tobytes()


def _texts(values: Array) -> Iterable[str]:
    # repr of a Python float is the shortest text that reads back as the same 64 bits.
    return map(repr, values.tolist()) if values.dtype.kind in "fiub" else map(str, values.tolist())


def _one_line(text: str) -> str:
    return readable(" ".join(text.split()))
