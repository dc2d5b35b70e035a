"""Figures of the Top-k page's two upper plots: the scores and what the operators make of them.

Results in, plain ``Figure`` data out; the lower views are in :mod:`gui.pages.topk.lower_figures`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.palette import Dash, category
from gui.core.words.i18n import tr
from gui.pages.topk.requests import OperatorInfo, OperatorOutput
from gui.pages.topk.scores import Floats, Ints, Scores, hard_mask
from gui.pages.topk.state import DRAG_MAX, Order, Quantity

FEW = 128  # up to here single scores are told apart by a symbol each


@dataclass(frozen=True)
class Style:
    """How one operator looks everywhere: on plots, in tables and exports.

    ``name`` is the title without its remarks, for legends and rows.
    """

    title: str
    name: str
    color: str
    dash: Dash


@dataclass(frozen=True, eq=False)
class Frame:
    """What all figures of one moment share: scores, k, place on the x axis and origin.

    ``order`` may lag behind ``scores.order`` while a point is dragged, so that the point stays
    under the mouse.
    """

    scores: Scores
    k: float
    by: Order
    styles: Mapping[str, Style]
    order: Ints
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> Ints:
        """Score indices in the sequence they are drawn."""
        return self.order if self.by == "rank" else _count(self.scores.size)

    @property
    def x(self) -> Floats:
        """Positions on the x axis: ranks from 1, or indices from 0."""
        return _positions(self.scores.size, 1.0 if self.by == "rank" else 0.0)

    @property
    def y(self) -> Floats:
        """The scores in drawing sequence."""
        if self.order is self.scores.order:
            return self.scores.along(self.by)
        return self.arranged(self.scores.values)

    def arranged(self, values: Floats) -> Floats:
        """Return per-score ``values`` in drawing sequence."""
        return values[self.order] if self.by == "rank" else values

    def placed(self, output: OperatorOutput) -> Floats:
        """Return p in drawing sequence; free where it was computed in that sequence."""
        if output.by == self.by and (self.by == "index" or self.order is output.scores.order):
            assert output.p is not None
            return output.p
        values = output.by_index()
        assert values is not None
        return self.arranged(values)

    def kept(self, k: float) -> Floats:
        """Return the hard mask in drawing sequence."""
        if self.order is self.scores.order:
            return hard_mask(self.scores, k, self.by)
        return self.arranged(hard_mask(self.scores, k))

    def axis(self) -> Axis:
        """Return the x axis of plots over the scores."""
        label = tr("rank (1 = largest score)") if self.by == "rank" else tr("index")
        return Axis(label, log_locked=True)


@lru_cache(maxsize=4)
def _positions(size: int, start: float) -> Floats:
    # One array per size: the view looks at the order of x again only when it is another array.
    positions = np.arange(start, start + size)
    positions.flags.writeable = False
    return positions


@lru_cache(maxsize=4)
def _count(size: int) -> Ints:
    return np.arange(size)


def operator_styles(catalogue: Sequence[OperatorInfo]) -> dict[str, Style]:
    """Return each operator's one style; the hard mask is always ink.

    Examples
    --------
    >>> info = OperatorInfo("hard", "Hard Top-k", "", "", True, False, False)
    >>> operator_styles([info])["hard"].color
    'ink'
    """
    styles = {}
    for index, info in enumerate(catalogue):
        color, dash = category(index)
        if info.key == "hard":
            color, dash = "ink", "solid"
        styles[info.key] = Style(info.title, short_title(info.title), color, dash)
    return styles


def short_title(title: str) -> str:
    """Return a title without its remarks.

    Examples
    --------
    >>> short_title("Sigmoid threshold"), short_title("GradTopK (exact)")
    ('Sigmoid', 'GradTopK')
    """
    return re.split(r" ?[(（]|[,，]", title)[0].removesuffix(tr(" threshold")).rstrip()


def scores_figure(
    frame: Frame, log: bool = False, marked: Sequence[int] = (), draggable: bool = True
) -> Figure:
    """Return the scores with the kept ones in ink and the threshold between in and out."""
    scores = frame.scores
    # Drawn within what an axis can span: the distance of two doubles may overflow.
    y = np.where(np.isfinite(frame.y), np.clip(frame.y, -1e300, 1e300), np.nan)
    kept = frame.kept(frame.k) > 0
    few = scores.size <= DRAG_MAX
    # By index a long line through the kept scores only would join what is not adjacent.
    apart = few or frame.by == "rank"
    base = Series(
        "scores",
        tr("left out") if apart else tr("scores"),
        frame.x,
        y,
        color="muted",
        width=2.0 if few else 1.0,
        symbol="o" if few else "",
        line=not few,
        draggable=few and draggable,
    )
    top = Series(
        "kept",
        tr("the k largest"),
        frame.x[kept],
        y[kept],
        color="c0",
        width=2.0 if few else 1.0,
        symbol="o" if few else "",
        line=not few,
    )
    shown = (base, top) if apart else (base,)
    return Figure(
        "topk.scores",
        tr("Scores"),
        frame.axis(),
        Axis(tr("score x"), log=log),
        series=(*shown, *_marks(frame, y, marked)),
        cursors=_threshold(frame, "muted" if apart else "c0"),
        meta=frame.meta,
    )


def output_figure(
    frame: Frame,
    outputs: Sequence[OperatorOutput],
    quantity: Quantity = "output",
    log: bool = False,
    marked: Sequence[int] = (),
) -> Figure:
    """Return p of every operator, or its difference to the hard mask."""
    difference = quantity == "difference"
    few = frame.scores.size <= FEW
    series = []
    for output in outputs:
        if output.p is None or (difference and output.key == "hard"):
            continue
        style = frame.styles[output.key]
        # Its own k: while k is dragged, a curve may be one frame behind the cursor.
        values = frame.placed(output)
        if difference:
            values = values - frame.kept(output.k)
        series.append(
            Series(
                output.key,
                style.name,
                frame.x,
                values,
                color=style.color,
                dash=style.dash,
                symbol="o" if few and output.key == "hard" else "",
                # By index a line would join scores that have nothing to do with each other.
                line=frame.by == "rank" or not few or output.key != "hard",
            )
        )
    # The neutral reference is drawn last, thin, so that it hides nobody and nobody hides it.
    series.sort(key=lambda one: one.key == "hard")
    marks = _marks(frame, series[0].y, marked) if series else ()
    title = tr("Difference to the hard mask") if difference else tr("Soft Top-k output")
    label = tr("p - T_k") if difference else tr("weight p")
    return Figure(
        "topk.output",
        title,
        frame.axis(),
        Axis(label, log=log and not difference, log_locked=difference),
        series=(*series, *marks),
        cursors=_k_cursor(frame),
        meta=frame.meta,
    )


def _threshold(frame: Frame, color: str) -> tuple[Cursor, ...]:
    kept, gap = threshold(frame.scores, frame.k)
    if not np.isfinite(gap):
        return ()
    label = tr("threshold")
    return (Cursor("threshold", label, "y", kept - gap / 2, color=color),)


def threshold(scores: Scores, k: float) -> tuple[float, float]:
    """Return (smallest kept score, its distance to the largest one left out); NaN for none.

    Examples
    --------
    >>> from gui.pages.topk.scores import InputSpec, make_scores
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


def _k_cursor(frame: Frame) -> tuple[Cursor, ...]:
    if frame.by != "rank":
        return ()
    top = float(frame.scores.unmasked)
    label = tr("k = {k}", k=f"{frame.k:g}")
    return (Cursor("k", label, "x", frame.k, True, (0.0, top), 1.0, color="muted"),)


def _marks(frame: Frame, y: Floats, marked: Sequence[int]) -> tuple[Series, ...]:
    inside = [index for index in marked if 0 <= index < frame.scores.size]
    if not inside:
        return ()
    rows = np.flatnonzero(np.isin(frame.places, inside))
    name = tr("witness")
    x = frame.x[rows]
    return (Series("witness", name, x, y[rows], color="warning", symbol="d", line=False),)
