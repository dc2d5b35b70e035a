"""Ticks of exported axes: whole numbers for indices, powers of ten as text, names where given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gui.core.figure.figure import Axis, AxisName, Figure
from gui.core.figure.scale import axis_arrays

if TYPE_CHECKING:
    from matplotlib.axis import Axis as PlotAxis

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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

    decades = abs(math.log10(span[1] / span[0]))
    if decades < 0.7:
        target.set_major_locator(ticker.MaxNLocator(room))
    elif decades < 2.5:
        target.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0), numticks=3 * room))
    else:
        target.set_major_locator(ticker.LogLocator(numticks=room))
        if decades < 8:
            target.set_minor_locator(ticker.LogLocator(subs="auto", numticks=100))
        target.set_minor_formatter(ticker.NullFormatter())
    low, high = sorted(span)
    powers = low < 1e-3 or high > 1e5  # one way of writing along the whole axis
    target.set_major_formatter(ticker.FuncFormatter(lambda value, _: power_text(value, powers)))


def power_text(value: float, powers: bool) -> str:
    """Return the label of a tick on a log axis, plain or as a power of ten.

    Examples
    --------
    >>> power_text(1e-8, True), power_text(2e-8, True), power_text(100.0, True)
    ('10⁻⁸', '2·10⁻⁸', '10²')
    >>> power_text(0.5, False), power_text(1.0, True)
    ('0.5', '1')
    """
    if not powers or 1 <= value <= 10:
        return f"{value:g}".replace("-", "−")
    mantissa, _, power = f"{value:.3e}".partition("e")
    digits = f"{float(mantissa):g}".replace("-", "−")
    ten = "10" + str(int(power)).translate(_RAISED)
    return ten if digits == "1" else f"{digits}·{ten}"


def _is_whole(figure: Figure, name: AxisName) -> bool:
    if figure.images:
        return True
    arrays = list(axis_arrays(figure, name))
    return bool(arrays) and all(
        array.dtype.kind in "iu" or bool(np.all(array == np.floor(array))) for array in arrays
    )
