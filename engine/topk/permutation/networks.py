"""Sorting networks whose comparators swap softly, and their derivatives.

A comparator of two wires replaces ``(a, b)`` by ``(q a + (1 - q) b, (1 - q) a + q b)`` with
``q = F((a - b) / tau)``; what it does to the values it does to the rows of the matrix, which starts
as the identity.  Every layer is doubly stochastic, and so is their product.

References
----------
Petersen, Borgelt, Kuehne & Deussen, "Differentiable sorting networks for scalable sorting and
ranking supervision", ICML 2021, arXiv 2105.04019 (logistic swaps).
Petersen et al., "Monotonic differentiable sorting networks", ICLR 2022, arXiv 2203.09630 (Cauchy).
Batcher, "Sorting networks and their applications", AFIPS 1968 (bitonic).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.jobs import Progress, checkpoint
from engine.topk.semantics import FloatArray

__all__ = ["SWAPS", "Network", "Pass", "network", "swap_slope"]

_ENTRIES = 1 << 15  # of the matrix at once: they stay in the cache through all layers
_LARGE = 1e150  # its square is a number
_MOST = 1e300  # a derivative: times 0 it is 0


def _logistic(t: FloatArray) -> FloatArray:
    rare = np.exp(-np.abs(t))
    result: FloatArray = np.where(t < 0.0, rare, 1.0) / (1.0 + rare)
    return result


def _logistic_density(t: FloatArray) -> FloatArray:
    rare = np.exp(-np.abs(t))
    result: FloatArray = rare / (1.0 + rare) ** 2
    return result


def _cauchy(t: FloatArray) -> FloatArray:
    result: FloatArray = np.arctan2(1.0, -t) / math.pi
    return result


def _cauchy_density(t: FloatArray) -> FloatArray:
    result: FloatArray = 1.0 / (math.pi * (1.0 + t * t))
    return result


# Name of the swap: F and F'; 1 - F(t) is F(-t).
SWAPS: dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "logistic": (_logistic, _logistic_density),
    "cauchy": (_cauchy, _cauchy_density),
}


def swap_slope(swap: str, t: FloatArray) -> FloatArray:
    """Return ``F(t) + t F'(t)``: how fast the soft maximum of (t, 0) follows t.

    Where it is negative a larger score gives a smaller maximum.
    """
    value, density = SWAPS[swap]
    t = np.clip(t, -_LARGE, _LARGE)
    return value(t) + t * density(t)


@dataclass(frozen=True, eq=False)
class Network:
    """Comparators of n wires, in layers whose comparators do not touch one another.

    Parameters
    ----------
    layers : tuple
        ``(upper, lower)`` of each layer, slices or indices: the larger score goes to ``upper``.
    order : ndarray (n,) or None
        The wire that ends up with the i-th largest score, None for i itself.
    """

    layers: tuple[tuple[Any, Any], ...]
    order: NDArray[np.intp] | None = None


@lru_cache(maxsize=8)
def network(method: str, n: int) -> Network:
    """Return the network of a method, "odd_even" or "bitonic", for n scores."""
    if method == "odd_even":
        return Network(tuple(
            (slice(start, n - 1, 2), slice(start + 1, n, 2))
            for start in (layer % 2 for layer in range(n)) if start + 1 < n
        ))  # fmt: skip
    return _bitonic(n)


def _bitonic(n: int) -> Network:
    """Return Batcher's bitonic network, padded to a power of two.

    What is padded lies infinitely far below, so a comparator with it swaps or does not, for sure:
    the pair of a score and its wire is renamed, and nothing of the padding is left.
    """
    size = 1 << (n - 1).bit_length()
    slots = list(range(n)) + [-1] * (size - n)  # which score's place a wire is, -1 for padding
    layers = []
    for k in (1 << p for p in range(1, size.bit_length())):
        for j in (k >> p for p in range(1, k.bit_length())):
            upper, lower = [], []
            for i in range(size):
                if (other := i ^ j) <= i:
                    continue
                high, low = (i, other) if (i & k) == 0 else (other, i)
                if slots[high] < 0:
                    slots[high], slots[low] = slots[low], -1
                elif slots[low] >= 0:
                    upper.append(slots[high])
                    lower.append(slots[low])
            if upper:
                layers.append((np.array(upper), np.array(lower)))
    return Network(tuple(layers), np.array(slots[:n]))


class Pass:
    """The scores of some rows on their way through a network, and what the layers do.

    Parameters
    ----------
    net : Network
        The network of n wires.
    x : ndarray (n, rows)
        Finite scores, a wire a row.
    tau : float
        Temperature.
    swap : str
        A key of `SWAPS`.

    Attributes
    ----------
    stay, go : list of ndarray (comparators, rows)
        q and 1 - q of each layer.
    apart : list of ndarray
        ``a - b`` over tau.
    """

    def __init__(self, net: Network, x: FloatArray, tau: float, swap: str) -> None:
        self.net, self.tau, self.swap, self.shape = net, tau, swap, x.shape
        self.stay: list[FloatArray] = []
        self.go: list[FloatArray] = []
        self.apart: list[FloatArray] = []
        weight, values = SWAPS[swap][0], x.copy()
        for layer, (upper, lower) in enumerate(net.layers):
            with np.errstate(over="ignore"):
                t = np.clip((values[upper] - values[lower]) / tau, -_LARGE, _LARGE)
            self.stay.append(weight(t))
            self.go.append(weight(-t))
            self.apart.append(t)
            self._apply(layer, values[:, :, None])

    def matrix(self, progress: Progress | None = None) -> FloatArray:
        """Return the matrix of each row, (n, rows, n): row i is where the i-th largest is from."""
        n, rows = self.shape
        result = np.empty((n, rows, n))
        for part in self._parts(progress):
            block = self._start(part)
            for layer in range(len(self.net.layers)):
                self._apply(layer, block)
            result[:, :, part] = self._ordered(block)
        return result

    def matrix_along(self, v: FloatArray, progress: Progress | None = None) -> FloatArray:
        """Return the change of the matrix along v (n, rows) of the scores, (n, rows, n)."""
        n, rows = self.shape
        changes, along = [], v.copy()
        for layer, (upper, lower) in enumerate(self.net.layers):
            slope = self._density(layer) * (along[upper] - along[lower])
            changes.append(np.clip(slope / self.tau, -_MOST, _MOST)[:, :, None])
            shift = slope * self.apart[layer]
            self._apply(layer, along[:, :, None], shift[:, :, None])
        result = np.empty((n, rows, n))
        for part in self._parts(progress):
            block = self._start(part)
            tangent = np.zeros_like(block)
            for layer, (upper, lower) in enumerate(self.net.layers):
                self._apply(layer, tangent, changes[layer] * (block[upper] - block[lower]))
                self._apply(layer, block)
            result[:, :, part] = self._ordered(tangent)
        return result

    def pulled_back(self, g: FloatArray, progress: Progress | None = None) -> FloatArray:
        """Return the gradient of ``<g, matrix>`` with respect to the scores, (n, rows).

        The blocks before a layer are computed anew from every so manieth one that was kept.
        """
        slopes = [np.zeros_like(stay) for stay in self.stay]
        for part in self._parts(progress):
            self._add_slopes(part, g[:, :, part], slopes)
        back = np.zeros(self.shape)
        for layer in reversed(range(len(self.net.layers))):
            upper, lower = self.net.layers[layer]
            # d(q a + r b) = ... + dq (a - b), and dq = F'(t) d(a - b) / tau.
            own = np.clip(slopes[layer] / self.tau, -_MOST, _MOST)
            slope = own + (back[upper] - back[lower]) * self.apart[layer]
            shift = self._density(layer) * slope
            self._apply(layer, back[:, :, None], shift[:, :, None])
        return back

    def sums(self) -> FloatArray:
        """Return the sums of the columns of the matrix, (n, rows), without forming it."""
        total = np.ones(self.shape)
        for layer in reversed(range(len(self.net.layers))):
            self._apply(layer, total[:, :, None])  # a layer is symmetric
        return total

    def _add_slopes(self, part: slice, g: FloatArray, slopes: list[FloatArray]) -> None:
        """Add ``d<g, matrix> / dq`` that comes from some columns."""
        depth = len(self.net.layers)
        stride = max(1, math.isqrt(depth))
        block, kept = self._start(part), []
        for layer in range(depth):
            if layer % stride == 0:
                kept.append(block.copy())
            self._apply(layer, block)
        back = np.empty_like(block)
        back[slice(None) if self.net.order is None else self.net.order] = g
        for first in reversed(range(0, depth, stride)):
            layers = range(first, min(first + stride, depth))
            block, before = kept.pop(), []
            for layer in layers:
                upper, lower = self.net.layers[layer]
                before.append(block[upper] - block[lower])
                self._apply(layer, block)
            for layer in reversed(layers):
                upper, lower = self.net.layers[layer]
                apart = back[upper] - back[lower]
                slopes[layer] += np.einsum("crj,crj->cr", apart, before.pop())
                self._apply(layer, back)  # a layer is symmetric

    def _density(self, layer: int) -> FloatArray:
        return SWAPS[self.swap][1](self.apart[layer])

    def _start(self, part: slice) -> FloatArray:
        """Return some columns of the identity of each row, (n, rows, columns)."""
        n, rows = self.shape
        return np.repeat(np.eye(n)[:, None, part], rows, axis=1)

    def _apply(self, layer: int, block: FloatArray, shift: FloatArray | None = None) -> None:
        """Swap softly in a block (n, rows, columns); a shift goes up from lower to upper wires."""
        upper, lower = self.net.layers[layer]
        stay, go = self.stay[layer][:, :, None], self.go[layer][:, :, None]
        a, b = block[upper], block[lower]
        block[upper], block[lower] = stay * a + go * b, go * a + stay * b
        if shift is not None:
            block[upper] += shift
            block[lower] -= shift

    def _ordered(self, block: FloatArray) -> FloatArray:
        return block if self.net.order is None else block[self.net.order]

    def _parts(self, progress: Progress | None) -> Iterator[slice]:
        """Yield the columns that are taken at once, telling how far it is before each."""
        n, rows = self.shape
        step = max(1, _ENTRIES // (n * rows))
        for start in range(0, n, step):
            checkpoint(progress, start / n, "Soft permutation")
            yield slice(start, min(start + step, n))
