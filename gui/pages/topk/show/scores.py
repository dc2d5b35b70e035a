"""The scores, with the kept ones apart and the threshold between in and out."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import maybe_given
from gui.core.declare.parameter import toggle
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import DRAG_MAX
from gui.pages.topk.compute.scores import Scores
from gui.pages.topk.show.frame import Framed, Witness, marks


class ScoresPlot(Framed, key="topk.scores", title="Scores", share=38):
    """The scores, the kept ones in colour; up to 2,000 points can be dragged."""

    scores_log: bool = toggle(False, axis="y", undo="logarithmic axis")
    witness: Witness | None = maybe_given(Witness)

    def figure(self) -> Figure:
        """Return the plot."""
        frame, scores = self.frame, self.scores
        # Drawn within what an axis can span: the distance of two doubles may overflow.
        y = np.where(np.isfinite(frame.y), np.clip(frame.y, -1e300, 1e300), np.nan)
        kept = frame.kept(self.k) > 0
        few = scores.size <= DRAG_MAX
        # By index a long line through the kept scores only would join what is not adjacent.
        apart = few or frame.by == "rank"
        width, symbol = (2.0, "o") if few else (1.0, "")
        base = Series(
            "scores",
            tr("left out") if apart else tr("scores"),
            frame.x,
            y,
            color="muted",
            width=width,
            symbol=symbol,
            line=not few,
            draggable=few,
        )
        top = Series(
            "kept",
            tr("the k largest"),
            frame.x[kept],
            y[kept],
            color="c0",
            width=width,
            symbol=symbol,
            line=not few,
        )
        shown = (base, top) if apart else (base,)
        return Figure(
            x=frame.axis(),
            y=Axis(tr("score x"), log=self.scores_log),
            series=(*shown, *marks(frame, y, self.witness)),
            cursors=_threshold(scores, self.k, "muted" if apart else "c0"),
            meta=self.meta,
        )


def _threshold(scores: Scores, k: float, color: str) -> tuple[Cursor, ...]:
    kept, gap = threshold(scores, k)
    if not np.isfinite(gap):
        return ()
    return (Cursor("threshold", tr("threshold"), "y", kept - gap / 2, color=color),)


def threshold(scores: Scores, k: float) -> tuple[float, float]:
    """Return (smallest kept score, its distance to the largest one left out); NaN for none.

    Examples
    --------
    >>> from gui.pages.topk.compute.inputs import InputSpec
    >>> from gui.pages.topk.compute.scores import make_scores
    >>> scores = make_scores(InputSpec("pasted"), np.array([3.0, 1.0, 2.5]))
    >>> threshold(scores, 1), threshold(scores, 3)
    ((3.0, 0.5), (1.0, nan))
    """
    count = round(k)
    if not 0 < count <= scores.size:
        return float("nan"), float("nan")
    kept = float(scores.values[scores.order[count - 1]])
    out = float(scores.values[scores.order[count]]) if count < scores.size else float("nan")
    return kept, kept - out if np.isfinite(out) else float("nan")
