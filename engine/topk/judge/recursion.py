"""Where the log-space recursion for GradTopK loses its digits, against the exact operator.

References
----------
Su, kexue.fm/archives/10373, section on GradTopK.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import say
from engine.topk.operators.grad import GRAD
from engine.topk.operators.grad_recursive import advance
from engine.topk.semantics import FloatArray, check_scores

__all__ = ["RecursionBreakdown", "recursion_breakdown"]


@dataclass(frozen=True)
class RecursionBreakdown:
    """Where the recursion lost its digits.

    Parameters
    ----------
    step : int or None
        First step j whose result is off by more than the tolerance; None if all k hold.
    worst_error : float
        Largest absolute error up to that step, against the exact `grad`; inf for NaN.
    nan_step : int or None
        First step whose result holds NaN; None if the scan ended before one.
    errors : tuple of float
        Largest absolute error of each step scanned, from step 1 on; inf for NaN.
    sentence : str
        The finding in words.
    """

    step: int | None
    worst_error: float
    nan_step: int | None
    errors: tuple[float, ...]
    sentence: str


def recursion_breakdown(
    x: ArrayLike, k: int, tau: float = 1.0, *, tolerance: float = 1e-3, max_steps: int = 1000
) -> RecursionBreakdown:
    """Compare every step of the recursion with the exact GradTopK and say where it breaks.

    Parameters
    ----------
    x : array_like (n,)
        Scores; -inf masks an entry out.
    k : int
        How many to keep, in [0, n].
    tau : float
        Temperature.
    tolerance : float, keyword only
        Absolute error in p from which on the digits count as lost.
    max_steps : int, keyword only
        Scan at most so many steps.

    Returns
    -------
    RecursionBreakdown

    Raises
    ------
    ArgumentError, DataError
        As the operators.

    Examples
    --------
    >>> scores = 10.0 * np.sin(np.arange(40.0))
    >>> recursion_breakdown(scores, 2).step is None
    True
    >>> recursion_breakdown(scores, 20).step is None
    False
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    GRAD(scores, k, tau)  # one place decides what is allowed
    row = scores[np.isfinite(scores)].astype(np.float64)
    errors = _scan(row, min(int(k), row.size - 1, max_steps), float(tau), tolerance)
    broken = [j for j, error in enumerate(errors, 1) if not error <= tolerance]
    invalid = [j for j, error in enumerate(errors, 1) if error == np.inf]
    step, worst = (broken[0] if broken else None), max(errors, default=0.0)
    if step is None:
        sentence = say(
            "The recursion holds through step {step}: largest error {worst:.2g}.",
            step=len(errors),
            worst=worst,
        )
    else:
        size = (
            say("NaN")
            if errors[step - 1] == np.inf
            else say("an error of {error:.1e}", error=errors[step - 1])
        )
        sentence = say(
            "The recursion loses its digits at step {step} of {count}: {size}.",
            step=step,
            count=int(k),
            size=size,
        )
    nan_step = invalid[0] if invalid else None
    return RecursionBreakdown(step, worst, nan_step, tuple(errors), sentence)


def _scan(row: FloatArray, steps: int, tau: float, tolerance: float) -> list[float]:
    """Return the error of each step, up to the first NaN."""
    errors: list[float] = []
    if steps < 1:
        return errors
    z: FloatArray = np.clip((row - row.max()) / tau, -1e300, 0.0)
    partial, total = np.full_like(z, -np.inf), 0.0
    for j in range(1, steps + 1):
        with np.errstate(all="ignore"):
            partial, total = advance(z, partial, total, j)
            p = np.exp(partial - total)
        error = float(np.abs(p - GRAD(row, j, tau)).max())
        errors.append(np.inf if np.isnan(error) else error)
        if np.isnan(error):
            break
    return errors
