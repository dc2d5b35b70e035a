"""Ticks of exported axes: whole numbers for indices, powers of ten as text, names where given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gui.core.figure.figure import Axis, AxisName, Figure
from gui.core.figure.scale import axis_arrays
from gui.core.figure.ticks import log_ticks

if TYPE_CHECKING:
    from matplotlib.axis import Axis as PlotAxis


def set_ticks(
    target: PlotAxis, figure: Figure, name: AxisName, span: tuple[float, float], room: int
) -> None:
    """Place about ``room`` ticks on an axis that shows ``span`` (data coordinates)."""
    from matplotlib import ticker

    axis: Axis = figure.x if name == "x" else figure.y
    target.set_minor_locator(ticker.NullLocator())
    if axis.ticks:
        low, high = sorted(span)
        shown = [(value, text) for value, text in axis.ticks if low <= value <= high]
        target.set_ticks([value for value, _ in shown], [text for _, text in shown])
    elif axis.log:
        _set_log_ticks(target, span, room)
    else:
        whole = _is_whole(figure, name)
        target.set_major_locator(ticker.MaxNLocator(room, integer=whole, steps=[1, 2, 2.5, 5, 10]))
        formatter = ticker.ScalarFormatter(useOffset=False)
        formatter.set_powerlimits((-4, 7))
        target.set_major_formatter(formatter)


def _set_log_ticks(target: PlotAxis, span: tuple[float, float], room: int) -> None:
    from matplotlib import ticker

    low, high = sorted(span)
    ticks = log_ticks(low, high, room)
    target.set_ticks([value for value, _ in ticks], [text for _, text in ticks])
    if 2.5 <= math.log10(high / low) < 8:
        target.set_minor_locator(ticker.LogLocator(subs="auto", numticks=100))
        target.set_minor_formatter(ticker.NullFormatter())


def _is_whole(figure: Figure, name: AxisName) -> bool:
    if figure.images:
        return True
    arrays = list(axis_arrays(figure, name))
    return bool(arrays) and all(
        array.dtype.kind in "iu" or bool(np.all(array == np.floor(array))) for array in arrays
    )
