"""One operator on the scores, timed; what would take minutes is refused first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.pages.topk.compute.scores import FOLLOWED, Order, Scores

if TYPE_CHECKING:
    from engine.topk import Operator

WORK_LIMIT = 2e8  # elementary steps of one evaluation: some seconds
SWEEP_LIMIT = 5e9
_TOGETHER = 1 << 15  # numbers in the rows that are solved in one call; longer ones gain nothing
_SUSPICIOUS = 0.1  # seconds; no operator linear in n takes as long on scores people look at
_TIMED: set[str] = set()  # keys of the operators that have answered before in this process


def evaluate(
    key: str, scores: Scores, k: float, tau: float, by: Order = "index"
) -> tuple[Floats, float]:
    """Return p, by index or by rank, and the seconds it took.

    A soft Top-k treats all scores alike: on scores that lie in the order of drawing it gives p in
    that order, and nothing has to be gathered. Random numbers belong to the index, though.

    Raises
    ------
    engine.errors.RankscopeError
        When the operator refuses.
    """
    from engine.topk import get_operator

    operator = get_operator(key)
    asked: Order = "index" if operator.stochastic else by
    p, seconds = _timed(operator, scores.along(asked), k, tau)
    if seconds > _SUSPICIOUS and operator.cost == "n" and key not in _TIMED:
        # The first call loads or compiles what it needs: that is not the operator's speed.
        p, seconds = _timed(operator, scores.along(asked), k, tau)
    _TIMED.add(key)
    if asked != by:
        p = p[scores.order]
    p.flags.writeable = False
    return p, seconds


def p_or_none(key: str, scores: Scores, k: float, tau: float, by: Order) -> Floats | None:
    """Return p as `evaluate` does, None where the operator refuses."""
    from engine.errors import RankscopeError

    if too_long(key, scores.size, k):
        return None
    try:
        return evaluate(key, scores, k, tau, by)[0]
    except (RankscopeError, FloatingPointError, MemoryError):
        return None


def along_line(
    key: str, scores: Scores, line: Sequence[tuple[float, float]], by: Order
) -> Iterator[Floats | None]:
    """Yield p at every (k, tau) of ``line``, None where the operator refuses.

    Short rows are solved together, which takes a tenth of the time, by an operator that is exact:
    what depends on (x - t) / tau alone is, to rounding, the same for scores in units of tau.
    """
    from engine.errors import RankscopeError
    from engine.topk import get_operator

    operator = get_operator(key)
    together = _TOGETHER // scores.size if operator.accurate and not operator.stochastic else 0
    if operator.by_differences or not scores.unmasked:
        together = 0
    for start in range(0, len(line), max(1, together)):
        part = line[start : start + max(1, together)]
        found: Sequence[Floats | None] | None = None
        if len(part) > 1 and not too_long(key, scores.size, max(k for k, _ in part)):
            # What one of them refuses, or none has room for: each is asked by itself.
            with suppress(RankscopeError, FloatingPointError, MemoryError):
                found = _together(operator, scores, part, by)
        yield from found or (p_or_none(key, scores, k, tau, by) for k, tau in part)


def _together(
    operator: Operator, scores: Scores, line: Sequence[tuple[float, float]], by: Order
) -> Sequence[Floats]:
    ks, taus = (np.asarray(column) for column in zip(*line, strict=True))
    x = scores.along(by)
    if (taus == taus[0]).all():
        rows, tau = np.broadcast_to(x, (len(line), x.size)), float(taus[0])
    else:
        # The scores around the boundary are what p depends on most: from there no digit is lost.
        kept = min(max(round(float(ks[0])), 1), scores.unmasked)
        with np.errstate(over="raise"):
            rows, tau = (x - scores.ranked[kept - 1]) / taus[:, None], 1.0
    p = np.asarray(operator(rows, ks, tau), dtype=np.float64)
    p.flags.writeable = False
    return list(p)


def _timed(operator: Operator, x: Floats, k: float, tau: float) -> tuple[Floats, float]:
    start = time.perf_counter()
    p = np.asarray(operator(x, k, tau), dtype=np.float64)
    return p, time.perf_counter() - start


def too_long(key: str, size: int, k: float, times: int = 1) -> str:
    """Return a sentence when evaluating ``key`` that often would take minutes, else "".

    Examples
    --------
    >>> too_long("sigmoid", 1_000_000, 1000)
    ''
    >>> too_long("softsort", 1_000_000, 1000)
    'Takes too long for 1000000 scores at k = 1000. Choose fewer scores or a smaller k.'
    """
    from engine.topk import get_operator

    factors = {"n k": max(k, 1.0), "1000 n": 1000.0}
    steps = size * factors.get(get_operator(key).cost, 1.0) * times
    if steps <= (WORK_LIMIT if times == 1 else SWEEP_LIMIT):
        return ""
    return tr(
        "Takes too long for {n} scores at k = {k}. Choose fewer scores or a smaller k.",
        n=size,
        k=f"{k:g}",
    )


def spoken(scores: Scores, text: str) -> str:
    """Return the progress phrase ``text``, or "" for work too short to be spoken of.

    A sweep of few scores follows the slider many times a second; a report each would only cost
    the interface time.
    """
    return text if scores.size > FOLLOWED else ""


def points(size: int, most: int) -> int:
    """Return how many steps a sweep has: fewer for long input, so that it takes seconds."""
    return most if size <= 20_000 else most // 2 if size <= 200_000 else most // 4
