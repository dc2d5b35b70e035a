"""What an array remembers: a rank or a k is its own, and one seen for the first time has none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from gui.core.state.document import DataRef
from gui.frozen import dataclass

ARRAYS_KEPT = 64
_LARGEST = 2.0**62


@dataclass(frozen=True)
class Remembered:
    """The values of parameters that belong to ``ref``, by name; whatever slice of it is shown."""

    ref: DataRef
    values: tuple[tuple[str, float], ...]

    @property
    def is_possible(self) -> bool:
        """Whether every value is one that a control can have.

        Examples
        --------
        >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
        >>> Remembered(ref, (("rank", 2.0),)).is_possible
        True
        >>> Remembered(ref, (("rank", float("nan")),)).is_possible
        False
        """
        return all(abs(value) < _LARGEST for _, value in self.values)  # NaN is not


def swapped(
    slice_: Any, names: Iterable[str], defaults: Any, old: DataRef | None, new: DataRef | None
) -> dict[str, Any]:
    """Return the fields of a slice that change as the selection goes from ``old`` to ``new``.

    ``old`` keeps its values of ``names``; ``new`` gets those it had, or the ones of ``defaults``.
    """
    mine, theirs = _whole(old), _whole(new)
    names = tuple(names)
    if mine == theirs or not names:
        return {}
    kept = {one.ref: one for one in slice_.remembered}
    if mine is not None:
        values = tuple((name, getattr(slice_, name)) for name in names)
        kept.pop(mine, None)
        kept[mine] = Remembered(mine, values)
    found = dict(kept[theirs].values) if theirs in kept else {}
    fields: dict[str, Any] = {name: _as(getattr(defaults, name), found.get(name)) for name in names}
    return {**fields, "remembered": tuple(kept.values())[-ARRAYS_KEPT:]}


def _as(default: Any, value: float | None) -> Any:
    return default if value is None else type(default)(value)


def _whole(ref: DataRef | None) -> DataRef | None:
    """Return ``ref`` without what does not make it another array: its slice, its file's stamp."""
    return dataclasses.replace(ref, index=(), stamp="") if ref is not None else None
