"""How far a work of many matrices is, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.jobs import Progress, checkpoint
from engine.sentences import say

_SURE = 0.03  # the share of the work, or the seconds, after which the rest is foretold
_SURE_SECONDS = 2.0


class Pace:
    """Estimated work that is done, told in shares with the time that is left.

    Parameters
    ----------
    costs : sequence of float
        Estimated seconds of every matrix.
    progress : Progress or None
        What is told.

    Examples
    --------
    >>> pace = Pace([1.0, 3.0], None)
    >>> pace.add(1)
    >>> pace.share
    0.75
    """

    def __init__(self, costs: Sequence[float], progress: Progress | None) -> None:
        self._costs, self._total, self._progress = costs, sum(costs), progress
        self._done = self._known = 0.0
        self._count = 0
        self._began = time.monotonic()

    @property
    def share(self) -> float:
        """What is done, in [0, 1]."""
        return self._done / self._total if self._total else 1.0

    def add(self, number: int, known: bool = False) -> None:
        """Count a matrix as done; ``known`` ones, done before, do not tell how fast it goes."""
        self._done += self._costs[number]
        self._known += self._costs[number] if known else 0.0
        self._count += 1

    def tell(self) -> None:
        """Say how far the work is.

        Raises
        ------
        Cancelled
            Where it is asked to stop.
        """
        if self._progress is None:
            return
        about = {"done": self._count, "total": len(self._costs)}
        passed = time.monotonic() - self._began
        fresh, share = self._done - self._known, self.share
        is_sure = share > _SURE or passed > _SURE_SECONDS
        if fresh > 0.0 and self._count < len(self._costs) and is_sure:
            left = spelled(passed * (self._total - self._done) / fresh)
            text = "{done} of {total} matrices, {left} left"
            checkpoint(self._progress, share, text, **about, left=left)
        else:
            checkpoint(self._progress, share, "{done} of {total} matrices", **about)


def spelled(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> spelled(44.2), spelled(600.0), spelled(9000.0)
    ('44 s', '10 min', '2.5 h')
    """
    if seconds < 90.0:
        return say("{count} s", count=max(1, round(seconds)))
    if seconds < 5400.0:
        return say("{count} min", count=round(seconds / 60.0))
    return say("{count} h", count=round(seconds / 3600.0, 1))
