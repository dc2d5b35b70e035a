"""What a Figure shows, in a few lines of JSON, and in what two of them differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gui.core.figure.figure import Axis, Figure

RTOL, ATOL = 1e-8, 1e-10  # other machines have another LAPACK


def summary(figure: Figure) -> dict[str, Any]:
    """Return words, axes, lines and a fingerprint of every curve and picture of ``figure``."""
    return {
        "title": figure.title,
        "note": figure.note,
        "x": _axis(figure.x),
        "y": _axis(figure.y),
        "meta": dict(figure.meta),
        "series": {
            one.key: [one.name, fingerprint(one.x), fingerprint(one.y)] for one in figure.series
        },
        "bands": {
            one.key: [fingerprint(one.lower), fingerprint(one.upper)] for one in figure.bands
        },
        "spans": {one.key: [one.lower, one.upper] for one in figure.spans},
        "cursors": {one.key: [one.label, one.value] for one in figure.cursors},
        "images": {
            one.key: [list(np.shape(one.values)), list(one.extent), fingerprint(one.values)]
            for one in figure.images
        },
    }


def _axis(axis: Axis) -> list[Any]:
    return [axis.label, axis.log]


def fingerprint(values: Any) -> list[Any]:
    """Return how many numbers there are, how many are missing, and two sums of the others."""
    array = np.asarray(values, dtype=np.float64).ravel()
    finite = array[np.isfinite(array)]
    weights = np.linspace(1.0, 2.0, finite.size)
    sums = [float(np.abs(finite).sum()), float((weights * finite).sum())]
    return [int(array.size), int(array.size - finite.size), sums]


def differences(recorded: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield where ``now`` differs from what was recorded; numbers may differ by rounding.

    Examples
    --------
    >>> list(differences({"k": [3, 1.0]}, {"k": [3, 1.0 + 1e-12]}))
    []
    >>> list(differences({"k": [3, 1.0]}, {"k": [3, 1.1], "j": 0}))
    ['/j: new', '/k/1: 1.0 was recorded, now 1.1']
    """
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        for key in sorted(recorded.keys() | now.keys()):
            if key not in now or key not in recorded:
                yield f"{place}/{key}: {'gone' if key in recorded else 'new'}"
            else:
                yield from differences(recorded[key], now[key], f"{place}/{key}")
    elif isinstance(recorded, (list, tuple)) and isinstance(now, (list, tuple)):
        if len(recorded) != len(now):
            yield f"{place}: {len(recorded)} items were recorded, now there are {len(now)}"
        scale = max((abs(one) for one in recorded if isinstance(one, float)), default=0.0)
        for index, (one, other) in enumerate(zip(recorded, now, strict=False)):
            if not _same(one, other, scale):
                yield from differences(one, other, f"{place}/{index}")
    elif not _same(recorded, now):
        yield f"{place}: {recorded!r} was recorded, now {now!r}"


def _same(recorded: Any, now: Any, scale: float = 0.0) -> bool:
    """Compare two plain values; numbers of one list by the largest of them."""
    numbers = isinstance(recorded, float) and isinstance(now, (int, float))
    if numbers and not isinstance(now, bool):
        allowed = ATOL + RTOL * scale if math.isfinite(scale) else ATOL
        return math.isclose(recorded, now, rel_tol=RTOL, abs_tol=allowed)
    return bool(recorded == now)
