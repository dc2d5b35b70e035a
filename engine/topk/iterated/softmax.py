"""One softmax step with what it leaves, for the operators that take k of them."""

from __future__ import annotations

import numpy as np

from engine.topk.semantics import FloatArray

__all__ = ["softmax_and_rest"]


def softmax_and_rest(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return softmax(y) and one minus it, the latter as a sum of the other terms."""
    e = np.exp(y - y.max())
    total = float(e.sum())
    top = int(e.argmax())
    rest = total - e
    rest[top] = e[:top].sum() + e[top + 1 :].sum()
    return e / total, rest / total
