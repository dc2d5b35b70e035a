"""What a person does on the Top-k page, put into the store; nothing flows back from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gui.core.screen.services import Context
from gui.core.words.i18n import tr
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.scores import Ints, Scores
from gui.pages.topk.state import (
    LOG_FIELDS,
    Override,
    TopkState,
    effective_k,
    with_edit,
    without_edit,
)
from gui.pages.topk.view import TopkView
from gui.pages.topk.wording import change_labels

SLICE = "topk"
# Fields whose changes come in gestures; each gesture is one undo step.
_GESTURES = {"count", "seed", "position", "k", "tau", "softness"}
_WHOLE = {"count", "seed", "position"}


class Gestures:
    """Turns the signals of plots and controls into changes of the state.

    Parameters
    ----------
    scores, base : callable
        The scores in force, and the same before any point was dragged; None before the first.
    released : callable
        Called when the mouse has let go of a point or a cursor.
    """

    def __init__(
        self,
        context: Context,
        view: TopkView,
        controls: TopkControls,
        operators: Sequence[str],
        scores: Callable[[], Scores | None],
        base: Callable[[], Scores | None],
        released: Callable[[], None],
    ) -> None:
        self._store = context.store
        self._operators = operators
        self._scores, self._base = scores, base
        self._released = released
        self._labels = change_labels()
        # The order at the start of a drag: the point stays where it is on the x axis until the
        # mouse lets go, whatever its rank has become.
        self.held_order: Ints | None = None
        view.cursor_moved.connect(self._move_cursor)
        view.point_moved.connect(self._move_point)
        view.point_chosen.connect(self._choose_point)
        view.released.connect(self._release)
        view.log_toggled.connect(self._toggle_log)
        view.view_chosen.connect(lambda key: self._edit("view", key))
        view.option_chosen.connect(self._edit)
        view.cell_chosen.connect(self._choose_cell)
        controls.edited.connect(self._edit)
        controls.operator_edited.connect(self._tick)
        controls.sealed.connect(self._store.seal)
        controls.points_reset.connect(lambda: self._edit("edits", None))

    @property
    def _state(self) -> TopkState:
        state: TopkState = self._store[SLICE]
        return state

    def _edit(self, field: str, value: Any) -> None:
        if field == "kind":
            self._choose_kind(str(value))
            return
        if field in _WHOLE:
            value = int(value)
        merge = f"topk.{field}" if field in _GESTURES else ""
        label = self._labels.get(field, field)
        self._store.replace(SLICE, label=label, merge=merge, **{field: value})

    def _choose_kind(self, kind: str) -> None:
        if kind == "pasted":
            return
        active = self._store["selection"].active
        override = None if kind == "data" else Override(active, kind)  # type: ignore[arg-type]
        self._store.replace(SLICE, label=tr("scores"), override=override)

    def _tick(self, key: str, checked: bool) -> None:
        others = set(self._state.operators) - {key}
        chosen = others | {key} if checked else others
        operators = tuple(name for name in self._operators if name in chosen)
        self._store.replace(SLICE, label=tr("operators"), operators=operators)

    def _move_cursor(self, key: str, value: float) -> None:
        scores = self._scores()
        if key == "log_tau":
            key, value = "tau", 10**value
        if key == "tau":
            value = float(f"{value:.4g}")  # as many digits as a slider gives
        if key == "k" and scores is not None:
            value = effective_k(value, scores.unmasked, True)
        if key in ("k", "tau", "softness"):
            self._edit(key, value)

    def _move_point(self, drawn: int, y: float) -> None:
        scores, base = self._scores(), self._base()
        if scores is None or base is None or not 0 <= drawn < scores.size:
            return
        if self.held_order is None:
            self.held_order = scores.order
        index = int(self.held_order[drawn]) if self._state.order == "rank" else drawn
        if y == base.values[index]:
            edits = without_edit(self._state, scores.spec, index)
        else:
            edits = with_edit(self._state, scores.spec, index, y)
        self._store.replace(SLICE, label=tr("score {i}", i=index), merge="topk.edits", edits=edits)

    def _choose_point(self, drawn: int) -> None:
        scores = self._scores()
        if scores is None or not 0 <= drawn < scores.size:
            return
        by_rank = self._state.order == "rank"
        self._edit("column", int(scores.order[drawn]) if by_rank else drawn)

    def _release(self) -> None:
        self.held_order = None
        self._store.seal()
        self._released()

    def _toggle_log(self, figure: str, axis: str, on: bool) -> None:
        field = LOG_FIELDS.get((figure, axis))
        if field is not None:
            change: dict[str, Any] = {field: on}
            self._store.replace(SLICE, label=tr("logarithmic axis"), **change)

    def _choose_cell(self, operator: str, law: str) -> None:
        chosen = f"{operator}:{law}" if operator else ""
        chosen = "" if chosen == self._state.witness else chosen
        self._store.replace(SLICE, label=tr("witness"), witness=chosen)
