"""A plot on its way from the window to a caller: JSON, and its arrays in a file beside it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gui.core.figure import figure, look, panels, table
from gui.link.arrays import Given, dtype_named
from gui.link.memory import read

_HOMES = {
    figure: ("Axis", "Series", "Band", "Span", "Cursor", "Image", "Figure"),
    look: ("Look",),
    panels: ("Panels",),
    table: ("Table", "Column", "Cell"),
}
_KINDS: dict[str, Any] = {
    name: getattr(home, name) for home, names in _HOMES.items() for name in names
}
_LEFT = ("exporter", "whole", "pixels")  # what can be done with it, not what it is


def packed(drawn: Any) -> tuple[Any, list[Given]]:
    """Return what a plot is as JSON holds it, and its arrays."""
    arrays: list[Given] = []
    return _packed(drawn, arrays), arrays


def _packed(value: Any, arrays: list[Given]) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray):
        return _packed_array(value, arrays)
    if type(value).__name__ in _KINDS:
        fields = (one.name for one in dataclasses.fields(value) if one.name not in _LEFT)
        return {
            "kind": type(value).__name__,
            "fields": {name: _packed(getattr(value, name), arrays) for name in fields},
        }
    if isinstance(value, Mapping):
        return {"pairs": [[str(key), _packed(one, arrays)] for key, one in value.items()]}
    if isinstance(value, Sequence):
        return [_packed(one, arrays) for one in value]
    return None


def _packed_array(value: Any, arrays: list[Given]) -> Any:
    if not value.size or not value.shape or value.dtype.kind not in "biufc":
        return {"few": value.tolist(), "dtype": value.dtype.str, "shape": list(value.shape)}
    arrays.append(Given(f"{len(arrays)}", "dense", value.shape, (value,)))
    return {"array": len(arrays) - 1}


def figure_from(said: Any, file: int | None) -> Any:
    """Return a plot of what `packed` says of it; the file with its arrays is closed.

    Raises
    ------
    ValueError
        When what is said is no plot.
    """
    described, plot = said
    try:
        arrays = [one.parts[0] for one in read(file, described)] if file is not None else []
    finally:
        if file is not None:
            os.close(file)
    found = _unpacked(plot, arrays)
    if isinstance(found, (figure.Figure, panels.Panels)):
        found = dataclasses.replace(found, exporter=_drawn_as)
    if isinstance(found, table.Table):
        found = dataclasses.replace(found, exporter=_written)
    return found


def _unpacked(said: Any, arrays: list[Any]) -> Any:
    if isinstance(said, list):
        return tuple(_unpacked(one, arrays) for one in said)
    if not isinstance(said, dict):
        return said
    if "array" in said:
        return arrays[said["array"]]
    if "few" in said:
        return np.array(said["few"], dtype_named(said["dtype"])).reshape(said["shape"])
    if "pairs" in said:
        return {key: _unpacked(one, arrays) for key, one in said["pairs"]}
    fields = {name: _unpacked(one, arrays) for name, one in said["fields"].items()}
    return _KINDS[said["kind"]](**fields)


def _drawn_as(drawn: Any, suffix: str) -> bytes:
    """Draw a plot as a notebook shows it."""
    from gui.core.export.export import picture_bytes

    return picture_bytes(drawn, suffix)


def _written(listed: Any) -> str:
    """Write a table as a notebook shows it."""
    from gui.core.export.listing import markdown_text

    return markdown_text(listed)
