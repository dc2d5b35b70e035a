"""What arrays are called in signatures, how one is sealed before it is shared, what they weigh."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LIGHT = 1 << 16  # bytes; smaller arrays are not looked at
_DEPTH = 8
_PLAIN = frozenset((str, bytes, int, float, complex, bool, type(None)))
_MOST, _LONG = 1024, 256  # parts looked into, and of one list: what has more is small records


def read_only(array: Floats) -> Floats:
    """Return ``array`` itself, which from now on refuses to be written to.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


def heavy_arrays(value: Any) -> dict[int, int]:
    """Return the bytes of every larger array that ``value`` holds, by identity of its memory.

    What lies in a file and is only mapped weighs nothing. Fields of records, tuples, lists,
    mappings and the parts of sparse matrices are looked into.

    Examples
    --------
    >>> a = np.zeros(20_000)
    >>> list(heavy_arrays({"a": a, "again": (a, a[1:])}).values())
    [160000]
    """
    found: dict[int, int] = {}
    seen: set[int] = set()
    waiting: list[tuple[Any, int]] = [(value, 0)]
    left = 4 * _MOST
    while waiting and len(seen) < _MOST:
        one, depth = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            owner: Any = one
            while isinstance(owner.base, np.ndarray):
                owner = owner.base
            if owner.nbytes >= LIGHT and not isinstance(owner, np.memmap):
                found[id(owner)] = owner.nbytes
        elif depth < _DEPTH:
            parts = _parts(one)
            left -= len(parts)
            if left < 0:
                break
            waiting += [(part, depth + 1) for part in parts if type(part) not in _PLAIN]
    return found


def _parts(one: Any) -> Any:
    if isinstance(one, (str, bytes, int, float, complex, type)):
        return ()
    if isinstance(one, Mapping):
        return tuple(islice(one.values(), _LONG))
    if isinstance(one, (tuple, list)):
        return one[:_LONG]
    return tuple(getattr(one, "__dict__", {}).values())
