"""The contents of an exported plot: images, areas, curves, cursors - without titles or legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.export.drawing.page import Drawn, Text
from gui.core.export.drawing.ticks import set_ticks
from gui.core.figure import colormaps
from gui.core.figure.figure import AxisName, Band, Cursor, Figure, Image, Series
from gui.core.figure.levels import levels_in_force
from gui.core.figure.palette import DASH_PATTERNS
from gui.core.figure.reduce import Floats, is_sorted, reduce_band, reduce_line, thin_points
from gui.core.figure.scale import (
    Range,
    Scale,
    data_range,
    fixed_range,
    is_inverted,
    make_scale,
)
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.frozen import dataclass

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 2000  # of a vector drawing: finer than 0.1 mm on a page
_MOST_POINTS = 20_000
_SYMBOLS = {"o": "o", "s": "s", "t": "^", "d": "D", "x": "x"}
_POINTS_PER_PIXEL = 0.75  # figure widths are in pixels of a 96 DPI screen


@dataclass(frozen=True)
class _Frame:
    axes: Axes
    text: Text
    x: Scale
    y: Scale
    edges: Floats  # of the pixel columns, in data coordinates

    def clip(self, name: AxisName, values: Any) -> Floats:
        """Return values to draw: on a log axis what lies below the floor is drawn at the floor."""
        scale = self.x if name == "x" else self.y
        plain = np.asarray(values, dtype=np.float64)
        return np.maximum(plain, scale.floor) if scale.log else plain


def draw_contents(figure: Figure, axes: Axes, text: Text, cell: tuple[float, float]) -> Drawn:
    """Draw what lies within the axes and set their scales, limits and ticks.

    ``cell`` is how many pixels it has, across and down, with all that stands beside it.
    """
    scales = {name: make_scale(figure, name, _axis(figure, name).log) for name in _BOTH}
    limits = {name: _limits(figure, name, scales[name]) for name in _BOTH}
    _set_up(figure, axes, scales, limits, text, cell)
    columns = max(_COLUMNS, round(2 * cell[0]))
    low, high = limits["x"]
    edges = np.linspace(low, high, columns + 1)
    if scales["x"].log:
        edges = 10.0**edges
    frame = _Frame(axes, text, scales["x"], scales["y"], edges)
    drawn = Drawn()
    for image in figure.images:
        _draw_image(frame, image, drawn)
    for span in figure.spans:
        low, high = frame.clip(span.axis, [span.lower, span.upper])
        draw = axes.axvspan if span.axis == "x" else axes.axhspan
        patch = draw(low, high, color=text.color(span.color), alpha=0.14, linewidth=0, zorder=1.2)
        drawn.handles.append((patch, span.name))
    for band in figure.bands:
        _draw_band(frame, band, drawn)
    for series in figure.series:
        _draw_series(frame, series, drawn)
    for cursor in figure.cursors:
        _draw_cursor(frame, cursor, drawn)
    drawn.notices.extend(_clipped(figure, scales))
    return drawn


_BOTH: tuple[AxisName, AxisName] = ("x", "y")


def _axis(figure: Figure, name: AxisName) -> Any:
    return figure.x if name == "x" else figure.y


def _limits(figure: Figure, name: AxisName, scale: Scale) -> Range:
    """Return axis coordinates (logarithms on a log axis)."""
    return fixed_range(figure, name, scale) or data_range(figure, name, scale) or (0.0, 1.0)


def _set_up(
    figure: Figure,
    axes: Axes,
    scales: dict[AxisName, Scale],
    limits: dict[AxisName, Range],
    text: Text,
    cell: tuple[float, float],
) -> None:
    scheme = text.scheme
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_color(scheme.muted)
        side.set_linewidth(0.08 * text.size)
    if not figure.images:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(True, color=scheme.grid, linewidth=0.07 * text.size)
    axes.tick_params(
        which="both",
        color=scheme.muted,
        labelcolor=scheme.ink,
        labelsize=text.size,
        width=0.08 * text.size,
        length=0.35 * text.size,
    )
    axes.tick_params(which="minor", length=0.2 * text.size)
    axes.set_xlabel(figure.x.label, color=scheme.ink, fontsize=text.size)
    axes.set_ylabel(figure.y.label, color=scheme.ink, fontsize=text.size)
    for name in _BOTH:
        low, high = limits[name]
        if scales[name].log:
            low, high = 10.0**low, 10.0**high
            (axes.set_xscale if name == "x" else axes.set_yscale)("log", nonpositive="clip")
        ends = (high, low) if is_inverted(figure, name) else (low, high)
        (axes.set_xlim if name == "x" else axes.set_ylim)(*ends)
        points = cell[0 if name == "x" else 1] * 72 / axes.figure.dpi
        # A tick label on x is some five characters wide, on y two lines high.
        room = int(points / text.size / (6.5 if name == "x" else 3.8))
        target = axes.xaxis if name == "x" else axes.yaxis
        set_ticks(target, figure, name, (low, high), min(10, max(2, room)))
    if figure.equal_aspect:
        axes.set_aspect("equal", adjustable="box")


def _draw_image(frame: _Frame, image: Image, drawn: Drawn) -> None:
    left, right, top, bottom = image.extent
    ends = frame.axes.get_xlim(), frame.axes.get_ylim()
    pixels = colormaps.to_rgb(image.values, image.map, image.levels, image.log)
    if image.gaps:
        there = np.where(np.isnan(image.values), 0, 255).astype(np.uint8)
        pixels = np.concatenate((pixels, there[..., None]), axis=2)
    frame.axes.imshow(
        pixels,
        extent=(left, right, bottom, top),
        interpolation="nearest",
        aspect=frame.axes.get_aspect(),
        zorder=1.0,
    )
    frame.axes.set_xlim(ends[0])
    frame.axes.set_ylim(ends[1])
    if image.map == "rgb":
        return
    if _scale(image) not in map(_scale, drawn.colour_bars):
        drawn.colour_bars.append(image)
    if image.gaps:
        return
    missing = tr("not a number")
    if np.isnan(image.values).any() and missing not in [name for _, name in drawn.handles]:
        from matplotlib.patches import Patch

        red, green, blue = (part / 255 for part in colormaps.NAN_COLOR)
        drawn.handles.append((Patch(facecolor=(red, green, blue)), missing))


def _scale(image: Image) -> tuple[str, tuple[float, float], bool]:
    return image.map, levels_in_force(image), image.log


def _draw_band(frame: _Frame, band: Band, drawn: Drawn) -> None:
    x, lower, upper = reduce_band(
        np.asarray(band.x), np.asarray(band.lower), np.asarray(band.upper), frame.edges
    )
    patch = frame.axes.fill_between(
        frame.clip("x", x),
        frame.clip("y", lower),
        frame.clip("y", upper),
        color=frame.text.color(band.color),
        alpha=0.22,
        linewidth=0,
        zorder=1.4,
    )
    drawn.handles.append((patch, band.name))


def _draw_series(frame: _Frame, series: Series, drawn: Drawn) -> None:
    from matplotlib.lines import Line2D

    colour = frame.text.color(series.color)
    look: dict[str, Any] = {"color": colour, "markerfacecolor": colour, "markeredgecolor": colour}
    # Proportional to the text, so that small pictures keep fine lines apart.
    look["linewidth"] = series.width * _POINTS_PER_PIXEL * frame.text.size / 9.0
    look["markersize"] = 0.55 * frame.text.size
    look["markeredgewidth"] = 0.12 * frame.text.size if series.symbol == "x" else 0.0
    line: Any = (0, DASH_PATTERNS[series.dash]) if DASH_PATTERNS[series.dash] else "solid"
    marker = _SYMBOLS.get(series.symbol, "")
    if not series.line and not marker:
        marker = "o"
    crowded = series.x.size * look["markersize"] * frame.axes.figure.dpi / 72
    if series.line and crowded > 1.5 * frame.axes.bbox.width:
        marker = ""  # symbols that touch would turn the line into a bar
    if series.line:
        reduced = reduce_line(series.x, series.y, frame.edges, ascending=is_sorted(series.x))
        x, y = frame.clip("x", reduced.x), frame.clip("y", reduced.y)
        frame.axes.plot(x, y, linestyle=line, dash_capstyle="butt", zorder=2.2, **look)
        if series.fill_to is not None:
            base = float(frame.clip("y", series.fill_to))
            frame.axes.fill_between(x, y, base, color=colour, alpha=0.18, linewidth=0, zorder=1.3)
    if marker:
        x, y = frame.clip("x", series.x), frame.clip("y", series.y)
        if x.size > _MOST_POINTS:
            place = frame.axes.transData.transform(np.column_stack((x, y)))
            kept = thin_points(place[:, 0], place[:, 1], _MOST_POINTS)
            x, y = x[kept], y[kept]
        frame.axes.plot(x, y, linestyle="none", marker=marker, zorder=2.3, **look)
    if series.sign:
        marker, line = _SYMBOLS[series.sign], "none"
        look["markeredgewidth"] = 0.12 * frame.text.size
        look["markerfacecolor"] = "none"
    handle = Line2D([], [], linestyle=line if series.line else "none", marker=marker, **look)
    if series.listed:
        drawn.handles.append((handle, series.name))


def _draw_cursor(frame: _Frame, cursor: Cursor, drawn: Drawn) -> None:
    value = float(frame.clip(cursor.axis, cursor.value))
    ends = frame.axes.get_xlim() if cursor.axis == "x" else frame.axes.get_ylim()
    if not min(ends) <= value <= max(ends):
        return
    pattern = DASH_PATTERNS[cursor.dash]
    draw = frame.axes.axvline if cursor.axis == "x" else frame.axes.axhline
    draw(
        value,
        color=frame.text.color(cursor.color),
        linestyle=(0, pattern) if pattern else "solid",
        linewidth=0.12 * frame.text.size,
        zorder=2.6,
    )
    drawn.cursors.append(cursor)


def _clipped(figure: Figure, scales: dict[AxisName, Scale]) -> list[str]:
    """Say how many values a log axis cannot show where they are."""
    notices = []
    for name in _BOTH:
        scale = scales[name]
        if not scale.log:
            continue
        count = sum(
            _count_below(series.x if name == "x" else series.y, scale.floor)
            for series in figure.series
        )
        if count:
            notices.append(
                tr(
                    "{count} values below {floor} are drawn at the edge of the log axis.",
                    count=count,
                    floor=format_value(scale.floor, 3),
                )
            )
    return notices


def _count_below(values: NDArray[Any], floor: float) -> int:
    return int(np.count_nonzero(np.isfinite(values) & (values < floor)))
