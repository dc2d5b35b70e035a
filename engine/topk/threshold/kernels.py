"""What a distribution of the threshold family brings to be fast on long rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Kernels", "Sums"]

Sums = tuple[float, ...]


@dataclass(frozen=True)
class Kernels:
    """What a distribution brings to be fast on long rows: loops over ``t = (x - c) s - lam``.

    They are compiled. Sums are those of the signed tail h of `Distribution` and of the number of
    entries with F above; ``open_row`` and ``move`` add the sums of F', F'', ... to them.

    Parameters
    ----------
    open_row : callable
        ``(x, c, s, lam, out) -> sums``; may leave in ``out`` what the others build upon.  The
        first sum is NaN where a score is not finite, which none of the clipped t would show.
    move : callable or None
        ``(step, out) -> sums`` at lam + step, changing ``out``; None where opening the row
        again is as cheap.
    close : callable
        ``(x, c, s, lam, step, out) -> sums``: F at lam + step into ``out``.
    density : callable
        ``(x, c, s, lam, p, g, out) -> (sum f, <f, g>)``, f = F' into ``out``.
    reach : float
        Up to which step the Taylor polynomial of the sums keeps 12 digits of sum F, kinks that
        entries cross on the way included; 0 where Newton must end by itself.
    """

    open_row: Callable[..., Sums]
    move: Callable[..., Sums] | None
    close: Callable[..., Sums]
    density: Callable[..., Sums]
    reach: float
