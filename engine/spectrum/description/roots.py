"""Roots between two places; scipy.optimize is imported by the first that is asked for."""

from __future__ import annotations

from collections.abc import Callable

_ULPS = 2.0**-50


def root_between(
    miss: Callable[[float], float], low: float, high: float, xtol: float, rtol: float = _ULPS
) -> float:
    """Return a root of a function whose signs at the two places differ, by Brent's method.

    Parameters
    ----------
    miss : callable
    low, high : float
    xtol, rtol : float
        It is at most ``xtol + rtol |root|`` off.

    References
    ----------
    Brent, "Algorithms for Minimization without Derivatives" (1973), chapter 4.

    Examples
    --------
    >>> round(root_between(lambda x: x * x - 2.0, 0.0, 2.0, 1e-14), 12)
    1.414213562373
    """
    from scipy.optimize import brentq  # 0.14 s of every process that asks for no root

    return float(brentq(miss, low, high, xtol=xtol, rtol=rtol))
