"""Figure: a plot as plain, frozen data.

The screen, the exporters, the clipboard and ``rankscope render`` all draw the same Figure,
so what is seen, saved and reproduced cannot differ. Nothing here knows of Qt or Matplotlib.

Colours are *roles* (see :mod:`gui.core.figure.palette`): ``"ink"`` for the hard/exact reference,
``"muted"`` for background information, ``"c0"`` ... ``"c7"`` for categories. All coordinates are
data coordinates; a log axis is a flag, never logarithms in the arrays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gui.core.figure.look import Look
from gui.core.figure.palette import Dash
from gui.frozen import dataclass

AxisName = Literal["x", "y"]
_EXPLAINS = re.compile(r" [(\[]|, |[（，]")
_NAMED, _NAMED_LETTERS, _LONGEST_NAME = 10, 48, 10  # names that stand at an axis side by side
Array = NDArray[Any]


@dataclass(frozen=True)
class Axis:
    """One axis: ``label`` with its unit, log flag, optional fixed ``limits`` and named ``ticks``.

    ``log_locked`` marks an axis whose scale is not the person's to toggle (indices, images).
    ``names`` are what the file calls the positions ``first``, ``first`` + 1, ...: the crosshair
    reads them and exports of numbers hold them. ``decades``: coordinates are decimal logarithms of
    the quantity, as in a picture over decades.
    """

    label: str
    log: bool = False
    limits: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    log_locked: bool = False
    inverted: bool = False
    names: Sequence[str] = ()
    first: int = 0
    decades: bool = False

    @property
    def quantity(self) -> str:
        """What the axis measures: its label without what explains it.

        Examples
        --------
        >>> Axis("tau (unit of the scores)").quantity, Axis("pairs kept, r of 20").quantity
        ('tau', 'pairs kept')
        """
        return _EXPLAINS.split(self.label, maxsplit=1)[0].strip()

    def number_at(self, value: float) -> float:
        """Return how much of the quantity there is at a coordinate."""
        return 10.0**value if self.decades else value

    def name_at(self, place: float) -> str:
        """Return the name of the position nearest to ``place``, "" where there is none.

        Examples
        --------
        >>> axis = Axis("index", names=("a", "b"), first=1)
        >>> axis.name_at(2.2), axis.name_at(0)
        ('b', '')
        """
        index = round(place) - self.first if math.isfinite(place) else -1
        return self.names[index] if 0 <= index < len(self.names) else ""

    def named(self, names: Sequence[str], first: int = 0) -> Axis:
        """Return the axis with names of its positions, written at it where they have room.

        Examples
        --------
        >>> Axis("column").named(("a", "b")).ticks
        ((0.0, 'a'), (1.0, 'b'))
        """
        if not any(names):
            return self
        few = len(names) <= _NAMED and sum(map(len, names)) <= _NAMED_LETTERS
        ticks = self.ticks
        if few and all(len(name) <= _LONGEST_NAME for name in names):
            ticks = tuple((float(place), name) for place, name in enumerate(names, first))
        return replace(self, names=names, first=first, ticks=ticks)


@dataclass(frozen=True, eq=False)
class Series:
    """A curve or a set of points; ``x`` and ``y`` are 1-D and equally long.

    ``draggable`` lets a person move points vertically; the view reports (key, index, y).
    ``line`` False draws points only; ``symbol`` is "", "o", "s", "t", "d" or "x".
    ``fill_to`` fills between the curve and that constant. NaN breaks the line. ``words`` says of
    every point what the crosshair reads there; without it the coordinates do. ``listed`` False
    leaves the curve out of the legend; ``sign`` is the symbol that it has there in place of a line,
    where the line draws that shape. ``called`` is its name under the mouse and in the heads of
    numbers, where the legend has one for several curves. ``numbers`` are the y that exports of
    numbers hold, where not all of them have a place in the picture (`above`).
    """

    key: str
    name: str
    x: Array
    y: Array
    color: str = "c0"
    dash: Dash = "solid"
    width: float = 2.0
    symbol: str = ""
    line: bool = True
    draggable: bool = False
    fill_to: float | None = None
    words: Sequence[str] = ()
    listed: bool = True
    numbers: Array | None = None
    called: str = ""
    sign: str = ""

    def __post_init__(self) -> None:
        x, y = np.asarray(self.x), np.asarray(self.y)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(f"series {self.key!r}: x {x.shape} and y {y.shape} must be 1-D, equal")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)

    @property
    def own_name(self) -> str:
        """What this curve alone is called."""
        return self.called or self.name

    def above(self, floor: float | None) -> Series:
        """Return the curve as a log axis shows it, without what is not above ``floor``.

        Its numbers stay; None leaves nothing out.

        Examples
        --------
        >>> curve = Series("s", "", np.arange(3.0), np.array([1.0, 1e-20, 0.0])).above(1e-16)
        >>> curve.y.tolist(), curve.numbers.tolist()
        ([1.0, nan, nan], [1.0, 1e-20, 0.0])
        """
        if floor is None:
            return self
        return replace(self, y=np.where(self.y > floor, self.y, np.nan), numbers=self.y)


@dataclass(frozen=True, eq=False)
class Band:
    """An area between ``lower`` and ``upper`` over ``x`` (a certified interval, a spread)."""

    key: str
    name: str
    x: Array
    lower: Array
    upper: Array
    color: str = "muted"


@dataclass(frozen=True)
class Span:
    """A range on one axis, drawn across the whole plot (an agreement band)."""

    key: str
    name: str
    axis: AxisName
    lower: float
    upper: float
    color: str = "muted"


@dataclass(frozen=True)
class Cursor:
    """A line at ``value`` across the plot, dragged along ``axis`` ("x": a vertical line).

    ``step`` 1 makes a dragged cursor move over whole numbers; ``bounds`` limit it. ``names`` are
    what stands at the line, where its label is several names. ``listed`` are lines of the legend:
    what a number in place of a label stands for (see `numbered`).
    """

    key: str
    label: str
    axis: AxisName
    value: float
    draggable: bool = False
    bounds: tuple[float, float] | None = None
    step: float = 0.0
    color: str = "ink"
    dash: Dash = "dash"
    names: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    @property
    def is_mark(self) -> bool:
        """Whether it marks a place by a label, which may be a number; what moves says its value."""
        return bool(self.label) and not self.draggable

    @property
    def number(self) -> int:
        """The number that stands at it in place of a label; 0 where its label does."""
        return int(self.label) if self.listed else 0


MARK_ROWS = 3  # of labels of marks above each other; more of them are numbered


def numbered(cursors: Sequence[Cursor], axes: Collection[AxisName]) -> tuple[Cursor, ...]:
    """Return lines with a number at every mark along ``axes``, in their order; the legend lists it.

    For labels that have no room beside their lines.

    Examples
    --------
    >>> lines = Cursor("b", "late", "x", 5.0), Cursor("a", "A, B", "x", 2.0, names=("A", "B"))
    >>> [(one.label, one.listed) for one in numbered(lines, "x")]
    [('2', ('2\\xa0late',)), ('1', ('1\\xa0A', '1\\xa0B'))]
    """
    marks = [one for one in cursors if one.is_mark and one.axis in axes]
    marks.sort(key=lambda one: (one.axis, one.value))
    numbers = {one.key: number for number, one in enumerate(marks, 1)}
    return tuple(
        replace(
            one,
            label=str(numbers[one.key]),
            listed=tuple(f"{numbers[one.key]}\u00a0{name}" for name in one.names or (one.label,)),
        )
        if one.key in numbers
        else one
        for one in cursors
    )


@dataclass(frozen=True, eq=False)
class Whole:
    """Every entry of what a picture shows reduced.

    ``shape`` is (rows, columns); ``read(first, last)`` returns rows ``first`` to ``last`` - 1 as
    the values of an `Image` are: (rows, columns), or (rows, columns, 3) in colour.
    """

    shape: tuple[int, int]
    read: Callable[[int, int], Array] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Image:
    """A matrix as a picture, first row on top.

    ``values`` is (rows, columns), or (rows, columns, 3) for RGB. ``extent`` is
    (left, right, top, bottom) in data coordinates of the outer pixel edges, which keeps the
    coordinates true for pictures reduced for display. ``map`` is one of
    :data:`gui.core.figure.colormaps.MAPS`, diverging ones centred at 0, or "rgb"; ``levels`` fixes
    the colour range; ``log``: symmetrically logarithmic. For RGB the levels are the values of black
    and of full light in every channel, by default 0 and 255.
    ``pixels`` is what :func:`gui.core.figure.colormaps.pixels_of` makes of the values, where a
    worker has done so already and the GUI thread need not.
    ``of`` is the picture whose levels this one shares; ``difference``: as their contrast about 0.
    ``look`` is how a person has it coloured (see :mod:`gui.core.figure.look`), where they can.
    ``whole`` has every entry where ``values`` are reduced: for pictures pixel by pixel. ``gaps``:
    NaN is where nothing is, and stays empty.
    """

    key: str
    name: str
    values: Array
    extent: tuple[float, float, float, float]
    map: str = "sequential"
    levels: tuple[float, float] | None = None
    unit: str = ""
    pixels: Array | None = None
    log: bool = False
    of: Image | None = None
    difference: bool = False
    look: Look | None = None
    whole: Whole | None = None
    gaps: bool = False

    @property
    def label(self) -> str:
        """What stands beside its colours: its name, with the unit where that is another word."""
        unit = f"[{self.unit}]" if self.unit and self.unit != self.name else ""
        return f"{self.name} {unit}".strip()


@dataclass(frozen=True, eq=False)
class Figure:
    """Everything one plot shows.

    ``key`` is stable ("topk.output"); ``meta`` says where it comes from (file, hash, parameters,
    seed) and travels into every export; ``note`` is a sentence shown under the title;
    ``link`` names a group of figures that zoom together; ``state`` is what an export carries so
    that the window can show the same again (see ``figure_state``). ``exporter`` is handed over by
    ``draw``, so that the figure shows itself in a notebook. Key and title that a plot does
    not say are those of its declaration.
    """

    key: str = ""
    title: str = ""
    x: Axis = Axis("")
    y: Axis = Axis("")
    series: tuple[Series, ...] = ()
    bands: tuple[Band, ...] = ()
    spans: tuple[Span, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    images: tuple[Image, ...] = ()
    legend: bool = True
    equal_aspect: bool = False
    link: str = ""
    note: str = ""
    meta: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    state: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    exporter: Callable[[Figure, str], bytes] | None = field(default=None, repr=False)

    def _repr_svg_(self) -> str | None:
        """Return the drawing as a notebook shows it."""
        return self.exporter(self, "svg").decode() if self.exporter is not None else None

    def _repr_png_(self) -> bytes | None:
        """Return the picture for what shows no SVG."""
        return self.exporter(self, "png") if self.exporter is not None else None

    def with_limits(
        self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None
    ) -> Figure:
        """Return this figure with fixed axis limits (the range a person has zoomed to)."""
        new_x = self.x if x is None else replace(self.x, limits=x)
        new_y = self.y if y is None else replace(self.y, limits=y)
        return replace(self, x=new_x, y=new_y)


def empty_figure(key: str, title: str, note: str, link: str = "") -> Figure:
    """Return a figure that says in words why it is empty."""
    return Figure(key=key, title=title, x=Axis(""), y=Axis(""), legend=False, note=note, link=link)
