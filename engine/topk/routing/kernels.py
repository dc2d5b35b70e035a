"""The scan of tokens, compiled: the best of each are kept by insertion behind one comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import int64, types
from numpy.typing import NDArray

from engine.topk.compiled.jit import GIVEN_ROW, GIVEN_ROWS, ROWS, compiled, ready
from engine.topk.semantics import FloatArray

__all__ = ["AUDIT"]


@compiled
def _scan(x: FloatArray, k: int, boundary: FloatArray, members: NDArray[np.int64]) -> int:
    """Write the k-th and the next score, and which scores are chosen; return the first bad row."""
    m, n = x.shape
    best, places = np.empty(k + 1), np.empty(k + 1, np.int64)
    for row in range(m):
        held = 0
        for i in range(n):
            value = x[row, i]
            if not value < np.inf:
                return row
            if held == k + 1:
                if not value > best[k]:
                    continue
                j = k
            else:
                j = held
                held += 1
            while j > 0 and best[j - 1] < value:
                best[j] = best[j - 1]
                places[j] = places[j - 1]
                j -= 1
            best[j] = value
            places[j] = i
        boundary[row, 0], boundary[row, 1] = best[k - 1], best[k]
        members[row] = places[:k]
    return -1


@compiled
def _changed(
    x: FloatArray, boundary: FloatArray, members: NDArray[np.int64], lows: FloatArray,
    changed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Write which rows choose others once they are rounded."""
    for row in range(x.shape[0]):
        last, following = boundary[row, 0], boundary[row, 1]
        left, right = 0, lows.size - 1
        while right - left > 1:
            middle = (left + right) // 2
            if lows[middle] <= last:
                left = middle
            else:
                right = middle
        low, high = lows[left], lows[right]
        changed[row] = False
        if not (following >= low and last >= low):
            continue
        count, furthest = 0, -1
        for j in range(members.shape[1]):
            i = members[row, j]
            if x[row, i] < high:
                count += 1
                furthest = max(furthest, i)
        inside = 0
        for i in range(furthest + 1):
            if low <= x[row, i] < high:
                inside += 1
        changed[row] = inside > count


@dataclass(frozen=True)
class AuditKernels:
    """What the audit is compiled of; see `_scan` and `_changed`."""

    scan: Callable[..., int]
    changed: Callable[..., None]

    def compile(self) -> None:
        """Compile what is not on disk yet; a second."""
        members = types.Array(int64, 2, "C")
        ready(self.scan, GIVEN_ROWS, int64, ROWS, members)
        flags = types.Array(types.boolean, 1, "C")
        ready(self.changed, GIVEN_ROWS, GIVEN_ROWS, members, GIVEN_ROW, flags)


AUDIT = AuditKernels(_scan, _changed)
