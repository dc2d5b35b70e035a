"""Compiled: the scores of a long row that are not decided, and the step that its sums suggest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numba import float64, int64

from engine.topk.compiled.jit import GIVEN_ROW, ROW, compiled, ready
from engine.topk.compiled.steps import suggested
from engine.topk.semantics import FloatArray

__all__ = ["LONG", "Long"]


@compiled
def _pack(x: FloatArray, low: float, high: float, out: FloatArray) -> tuple[int, int, float]:
    """Write the scores from low to high; return how many, how many lie above, and a probe.

    Every score is written, and overwritten by the next unless it counts: no branch is guessed.
    """
    inside = above = 0
    probe = 0.0
    for i in range(x.size):
        v = x[i]
        probe += v * 0.0
        out[inside] = v
        inside += 1 if (v >= low) & (v <= high) else 0
        above += 1 if v > high else 0
    return inside, above, probe


@compiled
def _split(
    x: FloatArray, low: float, high: float, out: FloatArray
) -> tuple[int, int, int, int, float]:
    """Write the scores between low and high, these left out.

    Returns how many, how many lie above high, at high, and at low where that is not high, and a
    probe.
    """
    inside = above = at_high = at_low = 0
    probe = 0.0
    for i in range(x.size):
        v = x[i]
        probe += v * 0.0
        out[inside] = v
        inside += 1 if (v > low) & (v < high) else 0
        above += 1 if v > high else 0
        at_high += 1 if v == high else 0
        at_low += 1 if (v == low) & (v < high) else 0
    return inside, above, at_high, at_low, probe


@compiled
def _suggested(
    kind: int, lower: float, upper: float, above: float, slope_lower: float, slope_upper: float,
    d2: float, d3: float, d4: float, d5: float, d6: float, k: float,
) -> float:  # fmt: skip
    return suggested(
        kind, lower, upper, above, slope_lower, slope_upper, d2, d3, d4, d5, d6, k
    )  # fmt: skip


@dataclass(frozen=True)
class Long:
    """What long rows take beside the passes of their law."""

    pack: Callable[..., tuple[int, int, float]]
    split: Callable[..., tuple[int, int, int, int, float]]
    suggested: Callable[..., float]

    def compile(self) -> None:
        """Compile what is not on disk yet."""
        ready(self.pack, GIVEN_ROW, float64, float64, ROW)
        ready(self.split, GIVEN_ROW, float64, float64, ROW)
        ready(self.suggested, int64, *[float64] * 11)


LONG = Long(_pack, _split, _suggested)
