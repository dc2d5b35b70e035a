"""Which tokens would go to other experts if their scores were rounded, and by how little.

Rounding is monotone, so only scores that round to the same number as the k-th can change sides,
and what rounds to one number is an interval.  With ties going to the lower index, the chosen
members of that interval stay chosen exactly if no other score of it has a lower index than the
last of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.topk.compiled import ready
from engine.topk.routing.formats import FORMATS, Rounding, rounding_of, spacing
from engine.topk.routing.groups import Grouped, Groups
from engine.topk.semantics import FloatArray, check_k, refuse_odd

__all__ = ["RoutingAudit", "audit_routing"]

_BLOCK = 4096  # tokens
_LONG = 1 << 15  # scores from which on the kernels are worth compiling

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RoutingAudit:
    """What rounding the scores of tokens does to their choice of k experts.

    Parameters
    ----------
    experts, k : int
        Scores of each token, and how many are chosen.
    changed : mapping of str to ndarray (tokens,), bool
        For each format, which tokens choose another set.
    margin : ndarray (tokens,), float64
        ``x_(k) - x_(k+1)``; infinite where nothing else could be chosen.  With groups the smaller
        of that within the groups that are kept and the same of the scores of groups.
    boundary : ndarray (tokens,), float64
        ``x_(k)``; NaN where nothing or everything is chosen.
    within_ulp : int
        Tokens whose margin is at most one unit in the last place of ``x_(k)`` in the dtype of the
        scores: another order of summation may have chosen otherwise.
    """

    experts: int
    k: int
    changed: Mapping[str, Flags]
    margin: FloatArray
    boundary: FloatArray
    within_ulp: int

    @property
    def counts(self) -> dict[str, int]:
        """How many tokens change their set, by format."""
        return {key: int(np.count_nonzero(flags)) for key, flags in self.changed.items()}

    def tokens(self, format: str, limit: int = 20) -> NDArray[np.intp]:
        """Return the tokens that change in a format, the smallest margin first, at most ``limit``.

        Examples
        --------
        >>> audit_routing([[1.0, 0.999], [1.0, 0.5], [0.999, 1.0]], 1).tokens("bfloat16")
        array([2])
        """
        found = np.flatnonzero(self.changed[format])
        return found[np.argsort(self.margin[found], kind="stable")[:limit]]

    def half_ulp(self, format: str) -> float:
        """Return by how much a score at the median boundary is moved at most; NaN without any."""
        known = np.abs(self.boundary[np.isfinite(self.boundary)])
        if not known.size:
            return float("nan")
        return 0.5 * float(rounding_of(format).spacing(np.array([np.median(known)]))[0])


def audit_routing(
    x: ArrayLike,
    k: int,
    *,
    formats: Sequence[str] = FORMATS,
    groups: Groups | None = None,
    progress: Progress | None = None,
) -> RoutingAudit:
    """Compare the k experts of each token with those chosen from rounded scores.

    Parameters
    ----------
    x : array_like (tokens, experts), float16, bfloat16, float32 or float64
        Scores of the router; -inf is never chosen before a number.  Among ties the lower index is.
    k : int
        Experts per token, in [0, experts].
    formats : sequence of str, keyword only
        Among "bfloat16", "float16", "float8_e4m3fn" and "float8_e5m2".  Scores are rounded to
        nearest, ties to even; beyond the largest number of a format they saturate (a plain cast to
        float8_e4m3fn gives NaN there).
    groups : Groups, optional, keyword only
        Tokens choose groups of experts first; rounded scores choose other groups, too.
    progress : Progress, optional
        Told how far it is; asked whether to stop, every 4096 tokens.

    Returns
    -------
    RoutingAudit

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    DataError
        If x holds NaN or +inf.
    Cancelled
        If ``progress`` says so.

    Notes
    -----
    Without groups one scan per token serves all formats; rounding is never carried out.  Cost: some
    casts of the scores (`tests/benchmarks`).

    References
    ----------
    Micikevicius et al., "FP8 formats for deep learning", arXiv 2209.05433, for float8.

    Examples
    --------
    >>> audit = audit_routing([[1.0, 0.999, 0.2], [0.999, 1.0, 0.2], [3.0, 2.0, 1.0]], 1)
    >>> audit.counts["bfloat16"], audit.counts["float16"]
    (1, 0)
    >>> float(audit.margin[2])
    1.0
    """
    scores, digits, least = _checked(x)
    tokens, experts = scores.shape
    count = int(check_k(k, experts, True))
    if groups is not None:
        groups.check(experts, count)
    roundings = [rounding_of(key) for key in dict.fromkeys(formats)]
    changed = {one.key: np.zeros(tokens, dtype=bool) for one in roundings}
    margin, boundary = np.full(tokens, np.inf), np.full(tokens, np.nan)
    within = 0
    if scores.size > _LONG and groups is None:
        ready.want(["audit"])
    for start in range(0, tokens, _BLOCK):
        checkpoint(progress, start / tokens, "Auditing the routing")
        part = slice(start, min(start + _BLOCK, tokens))
        block = np.ascontiguousarray(scores[part], dtype=np.float64)
        if not 0 < count < experts:
            refuse_odd_tokens(block, start)
            continue
        found = _scanned(block, count, start, groups)
        sides = [found.boundary]
        if isinstance(found, Grouped) and found.groups.kept < found.groups.count:
            sides.append(found.group_boundary)
        is_near = np.zeros(len(block), dtype=bool)
        for last, following in (side.T for side in sides):
            known = last > -np.inf
            with np.errstate(invalid="ignore", over="ignore"):
                gap = np.where(known, last - following, np.inf)
            is_near |= gap <= spacing(last, digits, least)
            margin[part] = np.minimum(margin[part], gap)
        within += int(np.count_nonzero(is_near))
        last = found.boundary[:, 0]
        boundary[part] = np.where(last > -np.inf, last, np.nan)
        for one in roundings:
            changed[one.key][part] = found.changed(one)
    return RoutingAudit(experts, count, changed, margin, boundary, within)


def _checked(x: ArrayLike) -> tuple[NDArray[Any], int, int]:
    """Return scores (tokens, experts), and digits and smallest exponent of their dtype."""
    scores = np.asarray(x)
    if scores.ndim != 2 or scores.shape[1] == 0:
        raise ArgumentError("x", scores.shape, "an array of tokens x experts")
    if scores.dtype.kind in "iu":
        scores = scores.astype(np.float64)
    finfo: Any = np.finfo
    if scores.dtype.name == "bfloat16":
        from ml_dtypes import finfo  # NumPy does not know it
    elif scores.dtype.kind != "f":
        allowed = "an array of real numbers (float16, bfloat16, float32, float64 or integers)"
        raise ArgumentError("x", str(scores.dtype), allowed)
    info = finfo(scores.dtype)
    return scores, int(info.nmant), int(info.minexp)


def refuse_odd_tokens(block: FloatArray, start: int) -> None:
    """Raise `DataError` for a block with NaN or +inf, whose first token is ``start``."""
    odd = ~(block < np.inf).all(axis=1)
    if odd.any():
        row = int(odd.argmax())
        refuse_odd(block[row], (start + row,))


def _scanned(
    block: FloatArray, k: int, start: int, groups: Groups | None
) -> _Compiled | _Plain | Grouped:
    if groups is not None:
        refuse_odd_tokens(block, start)
        return Grouped(block, k, groups)
    kernels = ready.get("audit")
    if kernels is None:
        refuse_odd_tokens(block, start)
        return _Plain(block, k)
    found = _Compiled(kernels, block, k)
    if found.bad >= 0:
        refuse_odd_tokens(block, start)
    return found


class _Compiled:
    """A block scanned by the kernels.

    Attributes
    ----------
    boundary : ndarray (tokens, 2)
        ``x_(k)`` and ``x_(k+1)``.
    bad : int
        The first token with NaN or +inf, -1 for none.
    """

    def __init__(self, kernels: Any, block: FloatArray, k: int) -> None:
        self.kernels, self.block = kernels, block
        self.boundary = np.empty((len(block), 2))
        self.members = np.empty((len(block), k), dtype=np.int64)
        self.bad = kernels.scan(block, k, self.boundary, self.members)

    def changed(self, rounding: Rounding) -> Flags:
        """Return which tokens choose others once they are rounded."""
        result = np.empty(len(self.block), dtype=bool)
        self.kernels.changed(self.block, self.boundary, self.members, rounding.lows, result)
        return result


class _Plain:
    """A block scanned by NumPy: the same answers; see `_Compiled`."""

    def __init__(self, block: FloatArray, k: int) -> None:
        self.block, self.k = block, k
        n = block.shape[1]
        ordered = np.partition(block, (n - k - 1, n - k), axis=1)
        self.boundary = np.stack([ordered[:, n - k], ordered[:, n - k - 1]], axis=1)

    def changed(self, rounding: Rounding) -> Flags:
        """Return which tokens choose others once they are rounded."""
        last, following = self.boundary.T
        known = last > -np.inf
        low, high = rounding.bounds(np.where(known, last, 0.0))
        result: Flags = known & (following >= low)
        near = np.flatnonzero(result)
        x, last = self.block[near], last[near, None]
        inside = (low[near, None] <= x) & (x < high[near, None])
        above, tied = x > last, x == last
        room = self.k - np.count_nonzero(above, axis=1)[:, None]
        members = inside & (above | (tied & (np.cumsum(tied, axis=1) <= room)))
        n = x.shape[1]
        furthest = n - 1 - np.argmax(members[:, ::-1], axis=1)[:, None]
        earlier = np.count_nonzero(inside & (np.arange(n) <= furthest), axis=1)
        result[near] = earlier > np.count_nonzero(members, axis=1)
        return result
