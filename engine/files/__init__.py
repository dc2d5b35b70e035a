"""Reading matrices: one reader per file format behind one registry, and built-in examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.files.examples import example_source
from engine.files.reading.arrays import is_small, is_sparse, lock, to_dense
from engine.files.reading.entries import BadArray
from engine.files.reading.finite import FiniteReport, check_finite, finite_rows, replace_nonfinite
from engine.files.reading.memory import memory_source
from engine.files.reading.selection import plain_view, view_layout, view_named
from engine.files.reading.source import Entry, Format, MatrixSource
from engine.files.reading.sparse import compressed
from engine.files.reading.tables import TableReading

if TYPE_CHECKING:
    from engine.files.apart import open_apart
    from engine.files.layouts.former_tables import former_readings
    from engine.files.registry import FORMATS, follow_link, open_matrix_file

__all__ = [
    "FORMATS",
    "BadArray",
    "Entry",
    "FiniteReport",
    "Format",
    "MatrixSource",
    "TableReading",
    "check_finite",
    "compressed",
    "example_source",
    "finite_rows",
    "follow_link",
    "former_readings",
    "is_small",
    "is_sparse",
    "lock",
    "memory_source",
    "open_apart",
    "open_matrix_file",
    "plain_view",
    "replace_nonfinite",
    "to_dense",
    "view_layout",
    "view_named",
]


def __getattr__(name: str) -> Any:
    """Import the readers when the first file is opened: the window shows its examples without."""
    if name not in __all__:
        raise AttributeError(f"{__name__}.{name}")
    from engine.files import apart, registry
    from engine.files.layouts import former_tables

    places = {"former_readings": former_tables, "open_apart": apart}
    return getattr(places.get(name, registry), name)
