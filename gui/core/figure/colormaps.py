"""Colour maps as plain tables, shared by the screen and every export; no Qt, no Matplotlib.

All maps are paths through the perceptual space Oklab (Ottosson 2020), where equal steps look
equal. Sequential ones grow evenly in lightness; diverging ones are symmetric about a light
neutral, where 0 is. ``NAN_COLOR`` occurs in none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]
Floats = NDArray[np.float64]
Levels = tuple[float, float]
# Eight bits number every colour of a map and the one for NaN; an odd count has a middle, which
# is where a diverging map puts 0.
SIZE = 255
NAN_COLOR = (230, 0, 190)
_MISSING = 255
LARGEST = float(np.finfo(np.float64).max)
TURNED = "_turned"  # ends the name of a map that runs the other way
# A logarithmic scale of both signs is asinh(value / c), c this share of the farther level: linear
# below it, logarithmic above, and 0 has its place.
KNEE = 1e-3


@cache
def table(name: str) -> Table:
    """Return the (255, 3) RGB table of a map of `MAPS`; with ``TURNED`` behind, the other way.

    Examples
    --------
    >>> bool((table("grey_turned") == table("grey")[::-1]).all())
    True
    """
    turned = name.endswith(TURNED)
    made = MAPS.get(name.removesuffix(TURNED))
    if made is None:
        raise KeyError(f"no colour map {name!r}")
    colours = made()[:: -1 if turned else 1]
    colours.setflags(write=False)
    return colours


def is_diverging(name: str) -> bool:
    """Return whether 0 is in the middle of a map."""
    return name.removesuffix(TURNED) in DIVERGING


@cache
def palette(name: str) -> Table:
    """Return the (256, 3) colours that :func:`pixels_of` numbers: the map, then ``NAN_COLOR``."""
    colours = np.concatenate((table(name), np.array([NAN_COLOR], dtype=np.uint8)))
    colours.setflags(write=False)
    return colours


def around(value: float) -> Levels:
    """Return a range with a constant in its middle, however large that is.

    Examples
    --------
    >>> around(3.0), around(0.0)
    ((2.5, 3.5), (-0.5, 0.5))
    """
    room = max(0.5, abs(value) * 1e-9)
    return max(value - room, -LARGEST), min(value + room, LARGEST)


def levels_of(values: NDArray[Any], name: str) -> Levels:
    """Return the colour range of an image without fixed levels: finite range, or centred at 0."""
    if name == "rgb":
        return 0.0, 255.0
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return (-1.0, 1.0) if is_diverging(name) else (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if is_diverging(name):
        reach = max(abs(low), abs(high)) or 1.0
        return -reach, reach
    return (low, high) if high > low else around(low)


def to_rgb(
    values: NDArray[Any], name: str, levels: Levels | None = None, log: bool = False
) -> Table:
    """Return an image's values as (rows, columns, 3) colours; NaN becomes ``NAN_COLOR``.

    The channels of "rgb" are scaled each from ``levels`` to 0 ... 255.
    """
    pixels = pixels_of(values, name, levels or levels_of(values, name), log)
    return pixels if name == "rgb" else palette(name)[pixels]


def pixels_of(values: NDArray[Any], name: str, levels: Levels, log: bool = False) -> Table:
    """Return the colour number of every entry in ``palette(name)``; of "rgb" the channels' bytes.

    What is beyond a level has the colour of the level. 0 has the middle of a diverging map,
    whatever the levels: of levels that are not symmetric a part of the map is seen. A quarter of a
    million entries take some milliseconds: a picture that follows a drag has this done by its
    worker (see :class:`gui.core.figure.figure.Image`).

    Examples
    --------
    >>> values = np.array([-1.0, 0.0, 1.0, np.inf, np.nan])
    >>> pixels_of(values, "diverging", (-1.0, 1.0)).tolist()
    [0, 127, 254, 254, 255]
    >>> pixels_of(values, "diverging", (-0.5, 1.0)).tolist()
    [64, 127, 254, 254, 255]
    """
    if name == "rgb":
        return _channels(values, *levels)
    low, high = levels
    reach = max(abs(low), abs(high))
    lopsided = is_diverging(name) and low != -high
    # In place throughout: fresh memory for a picture costs more than what is done with it.
    place = np.array(values, np.float64)
    if log or lopsided:
        np.clip(place, low, high, out=place)
    if lopsided:
        low, high = -reach, reach
    if log:
        knee = reach * KNEE or 1.0
        _take_arcsinh(place, knee)
        low, high = float(np.arcsinh(low / knee)), float(np.arcsinh(high / knee))
    low, high = 0.5 * low, 0.5 * high  # halves: the span of 1e308 has no number
    place *= 0.5
    with np.errstate(invalid="ignore", over="ignore"):
        place -= low
        place /= (high - low) or 1.0
        place *= SIZE - 1
        # +/-inf lie beyond the ends of the map; only NaN has no place on it.
        np.clip(place, 0.0, SIZE - 1.0, out=place)
        place += 0.5
        numbers: Table = place.astype(np.uint8)
    missing = np.isnan(place)
    if missing.any():
        numbers[missing] = _MISSING
    return numbers


def _take_arcsinh(place: Floats, knee: float) -> None:
    """Replace numbers by asinh(number / knee); numpy's own takes four times as long.

    None is larger than a thousand knees, so all squares are numbers.
    """
    signs = np.copysign(1.0, place)
    np.abs(place, out=place)
    place /= knee
    size = place * place
    size += 1.0
    place += np.sqrt(size, out=size)
    np.log(place, out=place)
    place *= signs


def along(levels: Levels, shares: Floats, log: bool = False) -> Floats:
    """Return the values at ``shares`` of the way from the low level to the high one.

    Examples
    --------
    >>> along((-1.0, 3.0), np.array([0.0, 0.5, 1.0])).tolist()
    [-1.0, 1.0, 3.0]
    >>> along((-1.0, 1.0), np.array([0.0, 0.5, 1.0]), log=True).round(9).tolist()
    [-1.0, 0.0, 1.0]
    """
    low, high = levels
    if not log:
        return np.asarray((1.0 - shares) * low + shares * high)
    knee = max(abs(low), abs(high)) * KNEE or 1.0
    ends = np.arcsinh(low / knee), np.arcsinh(high / knee)
    values = knee * np.sinh((1.0 - shares) * ends[0] + shares * ends[1])
    return np.asarray(np.clip(values, low, high))


def bar_of(name: str, levels: Levels, log: bool = False) -> Table:
    """Return the (255, 3) colours of a colour bar, from the low level to the high one."""
    values = along(levels, np.linspace(0.0, 1.0, SIZE), log)
    return np.asarray(palette(name)[pixels_of(values, name, levels, log)])


def _channels(values: NDArray[Any], low: float, high: float) -> Table:
    plain = np.empty(values.shape, np.uint8)
    factor = 255.0 / ((high - low) or 1.0)
    # Channel by channel: those of a folded matrix lie apart, and each is long in memory.
    for channel in range(values.shape[2]):
        part = values[..., channel] * factor
        part += 0.5 - low * factor
        # Unlike clip these take the number where the other is NaN, which has no colour here.
        np.fmin(np.fmax(part, 0.0, out=part), 255.0, out=part)
        plain[..., channel] = part
    return plain


def _path(lightness: Floats, chroma: Floats, hue: Floats) -> Table:
    """Return the colours along a path: lightness and chroma of Oklab, hue in degrees."""
    angle = np.deg2rad(hue)
    return _oklab_to_rgb(lightness, chroma * np.cos(angle), chroma * np.sin(angle))


def _sequential() -> Table:
    share = np.linspace(0.0, 1.0, SIZE)
    chroma = 0.045 + 0.10 * np.sin(np.pi * np.clip(share * 0.92 + 0.06, 0, 1)) ** 0.8
    return _path(0.18 + 0.76 * share, chroma, 290.0 - 185.0 * share)


def _grey() -> Table:
    share = np.linspace(0.0, 1.0, SIZE)
    return _path(0.18 + 0.80 * share, 0.0 * share, 0.0 * share)


def _warm() -> Table:
    share = np.linspace(0.0, 1.0, SIZE)
    chroma = 0.02 + 0.125 * np.sin(np.pi * np.clip(share * 0.92 + 0.04, 0, 1))
    return _path(0.16 + 0.79 * share, chroma, 20.0 + 75.0 * share)


def _diverging(cold: float = 255.0, warm: float = 40.0) -> Table:
    signed = np.linspace(-1.0, 1.0, SIZE)
    reach = np.abs(signed)
    chroma = 0.145 * np.sin(0.5 * np.pi * np.minimum(1.0, 1.25 * reach))
    return _path(0.95 - 0.57 * reach, chroma, np.where(signed < 0, cold, warm))


def _oklab_to_rgb(lightness: Floats, a: Floats, b: Floats) -> Table:
    cones = np.stack(
        (
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        )
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_linear @ cones**3, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    rgb: Table = np.round(255 * srgb).astype(np.uint8).T
    rgb.setflags(write=False)
    return rgb


DIVERGING: dict[str, Callable[[], Table]] = {
    "diverging": _diverging,
    "purple_green": partial(_diverging, 315.0, 150.0),
}
MAPS: dict[str, Callable[[], Table]] = {
    "sequential": _sequential,
    "grey": _grey,
    "warm": _warm,
    **DIVERGING,
}
