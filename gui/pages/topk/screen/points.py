"""Dragged points: the point stays under the mouse until it is let go, whatever its rank."""

from __future__ import annotations

from gui.core.declare.answers import Missing
from gui.core.screen.page_screen import PageScreen
from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import Edits
from gui.pages.topk.compute.scores import Dragged, Load, Scores, Shown
from gui.pages.topk.show.frame import HeldOrder
from gui.pages.topk.show.output import OutputPlot
from gui.pages.topk.show.scores import ScoresPlot


class Points:
    """Turns what a person does with single points into changes of the state."""

    def __init__(self, screen: PageScreen) -> None:
        self._screen, self._conductor = screen, screen.conductor
        self._held: HeldOrder | None = None
        plot = screen.view.plots[ScoresPlot.key]
        plot.point_dragged.connect(lambda _, drawn, y: self._move(drawn, y))
        plot.point_released.connect(lambda *_: screen.release())
        for key in (ScoresPlot.key, OutputPlot.key):
            screen.view.plots[key].point_clicked.connect(lambda _, drawn: self._choose(drawn))

    def put_back(self) -> None:
        """Put every moved point back where it was read."""
        self._conductor.edit("edits", None)

    def let_go(self) -> None:
        """Let the points line up anew."""
        if self._held is not None:
            self._held = None
            self._screen.give(None, HeldOrder)

    def _move(self, drawn: int, y: float) -> None:
        now = self._conductor.present()
        scores, base, edits = now.look(Dragged), now.look(Load), now.look(Dragged.edits)
        if isinstance(scores, Missing) or not 0 <= drawn < scores.size:
            return
        held = self._held
        if held is None or held.spec != scores.spec:
            held = self._held = HeldOrder(scores.spec, scores.order)
            self._screen.give(held)
        index = int(held.order[drawn]) if now.look(Shown.order) == "rank" else drawn
        moved = with_point(edits, base, index, y)
        self._conductor.edit("edits", moved, tr("score {i}", i=index))

    def _choose(self, drawn: int) -> None:
        now = self._conductor.present()
        scores = now.look(Dragged)
        if isinstance(scores, Missing) or not 0 <= drawn < scores.size:
            return
        by_rank = now.look(Shown.order) == "rank"
        self._conductor.edit("column", int(scores.order[drawn]) if by_rank else drawn)


def with_point(edits: Edits | None, base: Scores, index: int, y: float) -> Edits | None:
    """Return the edits after the score at ``index`` was dragged to ``y``.

    Back where it was read it is no edit.

    Examples
    --------
    >>> import numpy as np
    >>> from gui.pages.topk.compute.inputs import InputSpec
    >>> from gui.pages.topk.compute.scores import make_scores
    >>> base = make_scores(InputSpec("pasted"), np.array([3.0, 1.0]))
    >>> moved = with_point(None, base, 1, 0.5)
    >>> moved.points, with_point(moved, base, 1, 1.0)
    (((1, 0.5),), None)
    """
    points = dict(edits.of(base.spec)) if edits is not None else {}
    points[int(index)] = float(y)
    if y == base.values[index]:
        del points[int(index)]
    return Edits(base.spec, tuple(sorted(points.items()))) if points else None
