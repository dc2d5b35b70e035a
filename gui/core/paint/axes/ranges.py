"""Which range an axis shows: fixed by the figure, zoomed by the person, or fitted and kept calm."""

from __future__ import annotations

from gui.core.figure.figure import AxisName, Figure
from gui.core.figure.scale import Bounds, Range, Scale, data_range, fixed_range

_AXES: tuple[AxisName, ...] = ("x", "y")


class AutoRange:
    """Keeps the union of what an axis has shown, so that it stands still while a slider moves.

    A new figure key, label or scale starts afresh; for other data `forget` is called.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._kept: dict[AxisName, Range] = {}
        self._identity: dict[AxisName, tuple[object, ...]] = {}

    def forget(self) -> None:
        """Fit the next figure anew."""
        self._kept.clear()
        self._identity.clear()

    def is_same_axis(self, figure: Figure, axis: AxisName, scale: Scale) -> bool:
        """Return whether the axis means what it meant in the figure before."""
        return self._identity.get(axis) == _identity(figure, axis, scale)

    def update(self, figure: Figure, axis: AxisName, scale: Scale) -> Range | None:
        """Return the range for ``figure`` (axis coordinates) and remember it."""
        same = self.is_same_axis(figure, axis, scale)
        self._identity[axis] = _identity(figure, axis, scale)
        fixed = fixed_range(figure, axis, scale)
        if fixed is not None:
            return fixed
        wanted = data_range(figure, axis, scale, self._bounds)
        if wanted is None:
            return self._kept.get(axis) if same else None
        kept = self._kept.get(axis) if same and not figure.images else None
        if kept is not None:
            wanted = min(kept[0], wanted[0]), max(kept[1], wanted[1])
        self._kept[axis] = wanted
        return wanted


def _identity(figure: Figure, axis: AxisName, scale: Scale) -> tuple[object, ...]:
    own = figure.x if axis == "x" else figure.y
    return figure.key, own.label, scale.log
