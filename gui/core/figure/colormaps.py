"""Colour maps as plain tables, shared by the screen and every export; no Qt, no Matplotlib.

Both maps are paths through the perceptual space Oklab (Ottosson 2020), where equal steps look
equal. The sequential one grows evenly in lightness; the diverging one is symmetric about a light
neutral. ``NAN_COLOR`` occurs in neither.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]
# Eight bits number every colour of a map and the one for NaN; an odd count has a middle, which
# is where a diverging map puts 0.
SIZE = 255
NAN_COLOR = (230, 0, 190)
_MISSING = 255


@cache
def table(name: str) -> Table:
    """Return the (255, 3) RGB table of "sequential" or "diverging"."""
    if name == "sequential":
        return _sequential()
    if name == "diverging":
        return _diverging()
    raise KeyError(f"no colour map {name!r}")


@cache
def palette(name: str) -> Table:
    """Return the (256, 3) colours that :func:`pixels_of` numbers: the map, then ``NAN_COLOR``."""
    colours = np.concatenate((table(name), np.array([NAN_COLOR], dtype=np.uint8)))
    colours.setflags(write=False)
    return colours


def levels_of(values: NDArray[Any], name: str) -> tuple[float, float]:
    """Return the colour range of an image without fixed levels: finite range, or centred at 0."""
    if name == "rgb":
        return 0.0, 255.0
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return (-1.0, 1.0) if name == "diverging" else (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if name == "diverging":
        reach = max(abs(low), abs(high)) or 1.0
        return -reach, reach
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def to_rgb(values: NDArray[Any], name: str, levels: tuple[float, float] | None = None) -> Table:
    """Return an image's values as (rows, columns, 3) colours; NaN becomes ``NAN_COLOR``.

    The channels of "rgb" are scaled each from ``levels`` to 0 ... 255.
    """
    pixels = pixels_of(values, name, levels or levels_of(values, name))
    return pixels if name == "rgb" else palette(name)[pixels]


def pixels_of(values: NDArray[Any], name: str, levels: tuple[float, float]) -> Table:
    """Return the colour number of every entry in ``palette(name)``; of "rgb" the channels' bytes.

    A quarter of a million entries take some milliseconds: a picture that follows a drag has this
    done by its worker (see :class:`gui.core.figure.figure.Image`).

    Examples
    --------
    >>> values = np.array([-1.0, 0.0, 1.0, np.inf, np.nan])
    >>> pixels_of(values, "diverging", (-1.0, 1.0)).tolist()
    [0, 127, 254, 254, 255]
    """
    if name == "rgb":
        return _channels(values, *levels)
    low, high = 0.5 * levels[0], 0.5 * levels[1]  # halves: the span of 1e308 has no number
    place = np.multiply(values, 0.5, dtype=np.float64)
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


def _sequential() -> Table:
    share = np.linspace(0.0, 1.0, SIZE)
    lightness = 0.18 + 0.76 * share
    hue = np.deg2rad(290.0 - 185.0 * share)
    chroma = 0.045 + 0.10 * np.sin(np.pi * np.clip(share * 0.92 + 0.06, 0, 1)) ** 0.8
    return _oklab_to_rgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))


def _diverging() -> Table:
    signed = np.linspace(-1.0, 1.0, SIZE)
    reach = np.abs(signed)
    lightness = 0.95 - 0.57 * reach
    chroma = 0.145 * np.sin(0.5 * np.pi * np.minimum(1.0, 1.25 * reach))
    hue = np.deg2rad(np.where(signed < 0, 255.0, 40.0))
    return _oklab_to_rgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))


def _oklab_to_rgb(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> Table:
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
