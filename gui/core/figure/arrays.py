"""What arrays are called in signatures, and how one is sealed before it is shared; no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def read_only(array: Floats) -> Floats:
    """Return ``array`` itself, which from now on refuses to be written to.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array
