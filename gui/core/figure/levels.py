"""The colours of a picture as a person wants them: its map, its levels, and what they clip.

Levels, histogram and what is clipped are of the values shown: of a large matrix these are the means
or extremes of blocks of entries.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gui.core.figure.arrays import Array, Floats
from gui.core.figure.colormaps import (
    KNEE,
    LARGEST,
    TURNED,
    Levels,
    around,
    is_diverging,
    levels_of,
)
from gui.core.figure.figure import Image
from gui.core.figure.look import Look, Range
from gui.core.figure.pictures import scale_of
from gui.core.words.i18n import tr
from gui.frozen import dataclass

_BINS = 80


def coloured(image: Image, look: Look) -> Image:
    """Return ``image`` coloured as ``look`` says; a photo in colour has no map and stays.

    Examples
    --------
    >>> image = Image("a", "", np.array([[0.0, 2.0]]), (0, 2, 0, 1))
    >>> found = coloured(image, Look("grey", reversed=True, range=Range("symmetric")))
    >>> found.map, found.levels
    ('grey_turned', (-2.0, 2.0))
    """
    if image.map == "rgb":
        return image
    # What a picture lacks has two signs: only a map with a middle shows where it is 0.
    suits = look.map != "auto" and (is_diverging(look.map) or not image.difference)
    name = (look.map if suits else image.map) + (TURNED if look.reversed else "")
    levels = _levels(image, look)
    if (name, levels, look.log) == (image.map, image.levels, image.log):
        return replace(image, look=look)
    return replace(image, map=name, levels=levels, log=look.log, look=look, pixels=None)


def _levels(image: Image, look: Look) -> Levels:
    if image.of is None or not look.shared or look.lead is None:
        return _own_levels(image, look.range)
    low, high = _own_levels(image.of, look.lead)
    if not image.difference:
        return low, high
    reach = 0.5 * high - 0.5 * low
    return -reach, reach


def _own_levels(image: Image, wanted: Range) -> Levels:
    if wanted.levels == "hand":
        low, high = sorted((wanted.low, wanted.high))
        return low, (high if high > low else math.nextafter(low, math.inf))
    if wanted.levels == "auto" and image.of is None:
        return image.levels or levels_of(image.values, image.map)
    return _of_values(image.values, wanted.levels, is_diverging(image.map))


_known: dict[tuple[int, str, bool], tuple[Array, Levels]] = {}
_MOST = 16


def _of_values(values: Array, rule: str, signed: bool) -> Levels:
    """Return the levels that ``rule`` finds in values, remembered: others share them at each rank.

    ``signed``: the automatic ones are centred at 0.
    """
    key = id(values), rule, signed
    found = _known.get(key)
    if found is None or found[0] is not values:
        while len(_known) >= _MOST:
            _known.pop(next(iter(_known)), None)
        found = _known[key] = values, _RULES[rule](values, signed)
    return found[1]


def _automatic(values: Array, signed: bool) -> Levels:
    low, high = scale_of(np.asarray(values, np.float64))[1]
    reach = max(abs(low), abs(high))
    return (-reach, reach) if signed else (low, high)


def _full(values: Array, _signed: bool) -> Levels:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else around(low)


def _middle(values: Array, signed: bool) -> Levels:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    # Halves: numpy takes the difference of neighbours, and that of 1e308 has no number.
    low, high = (2.0 * float(one) for one in np.percentile(0.5 * finite, (1.0, 99.0)))
    # Of what is mostly one value, 0 say, the middle is no range.
    return (low, high) if high > low else _full(values, signed)


def _symmetric(values: Array, _signed: bool) -> Levels:
    reach = float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values))) or 1.0
    return -reach, reach


_RULES: dict[str, Callable[[Array, bool], Levels]] = {
    "auto": _automatic,
    "full": _full,
    "middle": _middle,
    "symmetric": _symmetric,
}


def levels_in_force(image: Image) -> Levels:
    """Return the values that have the first and the last colour."""
    return image.levels or levels_of(image.values, image.map)


def clipped(image: Image) -> tuple[float, float]:
    """Return which share of the numbers shown lies below the low level, and above the high one.

    Examples
    --------
    >>> values = np.array([[-3.0, 0.0, 1.0, np.inf, np.nan]])
    >>> clipped(Image("a", "", values, (0, 5, 0, 1), levels=(-1.0, 1.0)))
    (0.25, 0.25)
    """
    low, high = levels_in_force(image)
    values = image.values
    below, above = int(np.count_nonzero(values < low)), int(np.count_nonzero(values > high))
    if not (below or above):
        return 0.0, 0.0
    numbers = values.size - int(np.count_nonzero(np.isnan(values)))
    return below / numbers, above / numbers


def clipped_words(image: Image) -> tuple[str, str]:
    """Return what stands at the lower and the upper end of a colour bar, "" for nothing clipped."""
    return clipped_said(*clipped(image))


def clipped_said(below: float, above: float) -> tuple[str, str]:
    """Return the words of these shares."""
    return (
        tr("{share} % below", share=_percent(below)) if below else "",
        tr("{share} % above", share=_percent(above)) if above else "",
    )


def _percent(share: float) -> str:
    percent = 100.0 * share
    if percent < 0.01:
        return "< 0.01"
    return f"{percent:.0f}" if percent >= 10.0 else f"{percent:.2g}"


@dataclass(frozen=True)
class Stretch:
    """The way from values to places along the axis of a histogram, and back.

    ``knee`` 0 is linear; otherwise asinh(value / knee), logarithmic beyond the knee.
    """

    knee: float = 0.0

    def place(self, value: float) -> float:
        """Return where a value lies."""
        return math.asinh(value / self.knee) if self.knee else value

    def value(self, place: float) -> float:
        """Return the value at a place, as far as there are numbers."""
        if not self.knee:
            return place
        value = self.knee * math.sinh(min(max(place, -700.0), 700.0))
        return min(max(value, -LARGEST), LARGEST)


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many of the numbers shown lie between two ``edges``, places of ``stretch``.

    ``count`` is how many there are in all; those that are infinite lie in no bin.
    """

    edges: Floats
    counts: Array
    stretch: Stretch
    count: int


def histogram(image: Image) -> Histogram:
    """Return the histogram of what a picture shows, as wide as its values and levels are.

    Examples
    --------
    >>> found = histogram(Image("a", "", np.array([[0.0, 1.0, np.nan]]), (0, 3, 0, 1)))
    >>> found.counts[[0, -1]].tolist(), found.count
    ([1, 1], 2)
    """
    values = np.asarray(image.values, np.float64)
    finite = values[np.isfinite(values)]
    ends = [*levels_in_force(image), *(_full(values, False) if finite.size else ())]
    low, high = min(ends), max(ends)
    stretch = Stretch((max(abs(low), abs(high)) * KNEE or 1.0) if image.log else 0.0)
    places = np.arcsinh(finite / stretch.knee) if stretch.knee else finite
    first, last = stretch.place(low), stretch.place(high)
    share = np.linspace(0.0, 1.0, _BINS + 1)
    edges = (1.0 - share) * first + share * last
    # By hand: numpy's own finds no bins in a range of 1e308, nor in one of a few last digits.
    at = (0.5 * places - 0.5 * first) / ((0.5 * last - 0.5 * first) or 1.0) * _BINS
    bins = np.clip(at, 0.0, _BINS - 1.0).astype(np.intp)
    count = int(values.size - np.count_nonzero(np.isnan(values)))
    return Histogram(edges, np.bincount(bins, minlength=_BINS), stretch, count)


def two_lines(said: str) -> list[str]:
    """Return "0.4 % above" as it stands beside a bar: the number, and which side it is."""
    number, sign, side = said.partition("%")
    return [f"{number}{sign}", side.strip()] if side.strip() else [said] if said else []
