"""The Top-k page's conductor: watches the store, has things computed, draws what arrives.

Nothing is computed while the page is hidden; on the way back everything stale is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.context import Context
from gui.core.controls import format_value
from gui.core.figure import Figure
from gui.core.i18n import tr
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.figures import (
    Frame,
    operator_styles,
    output_figure,
    scores_figure,
)
from gui.pages.topk.lower_controller import LowerController, Moment
from gui.pages.topk.number_entry import NumberEntry
from gui.pages.topk.presenter import InForce, show_state
from gui.pages.topk.requests import (
    ComputeOutputs,
    Matched,
    MatchSoftness,
    OperatorOutput,
    operator_catalogue,
)
from gui.pages.topk.scores import LoadScores, Scores, with_points
from gui.pages.topk.state import (
    LOG_FIELDS,
    InputSpec,
    Override,
    TopkState,
    effective_edits,
    effective_input,
    effective_k,
    with_edit,
)
from gui.pages.topk.view import TopkView
from gui.pages.topk.wording import change_labels, input_title, readout_rows

SLICE = "topk"
SCORES, SOFTNESS = "topk.scores", "topk.softness"
OUTPUTS, SLOW_OUTPUTS = "topk.outputs", "topk.slow_outputs"
# Fields whose changes come in gestures; each gesture is one undo step.
_GESTURES = {"count", "seed", "position", "k", "tau", "softness"}
_WHOLE = {"count", "seed", "position"}


class TopkController:
    """The page object of the window (see :class:`gui.core.page.Page`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        catalogue = operator_catalogue()
        self._infos = {info.key: info for info in catalogue}
        self._styles = operator_styles(catalogue)
        self._view = TopkView(context.theme)
        self._controls = TopkControls(catalogue, self._styles, context.theme)
        self._lower = LowerController(context, self._view, self._infos)
        self._entry = NumberEntry(context, self._controls, self.scores_in_force, self._k)
        self._asked: InputSpec | None = None
        self._base: Scores | None = None
        self._points: tuple[tuple[int, float], ...] = ()
        self._scores: Scores | None = None
        self._held_order: Any = None
        self._outputs: dict[str, OperatorOutput] = {}
        self._matched: tuple[Any, Matched] | None = None
        self._drawn: dict[str, tuple[Any, ...]] = {}
        self._labels = change_labels()
        self._controls_show: tuple[Any, ...] = ()
        self._connect()
        self._update()

    def _connect(self) -> None:
        self._store.changed.connect(self._when_changed)
        view, controls = self._view, self._controls
        view.shown.connect(self._update)
        view.cursor_moved.connect(self._move_cursor)
        view.point_moved.connect(self._move_point)
        view.point_chosen.connect(self._choose_point)
        view.released.connect(self._release)
        view.log_toggled.connect(self._toggle_log)
        view.view_chosen.connect(lambda key: self._edit("view", key))
        view.option_chosen.connect(self._edit)
        view.cell_chosen.connect(self._choose_cell)
        view.pasted.connect(self._entry.paste)
        controls.edited.connect(self._edit)
        controls.operator_edited.connect(self._tick)
        controls.sealed.connect(self._store.seal)
        controls.editor_requested.connect(self._entry.open)
        controls.points_reset.connect(lambda: self._edit("edits", None))
        controls.copy_requested.connect(self._entry.copy)

    # -- the page protocol ------------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        """The plots."""
        return self._view

    @property
    def controls(self) -> QWidget:
        """The controls for the dock."""
        return self._controls

    def scores_in_force(self) -> Scores | None:
        """Return the scores drawn now, None before the first are there."""
        return self._scores

    def figures(self) -> tuple[Figure, ...]:
        """The figures on screen, as zoomed, the focused one first."""
        return self._view.figures()

    def summary(self) -> str:
        """One line about the scores in force."""
        if self._scores is None:
            return ""
        return tr("{input}, {count} scores", input=self._input_title(), count=self._scores.size)

    def shutdown(self) -> None:
        """Drop pending results and let go of the store."""
        self._store.changed.disconnect(self._when_changed)
        for channel in (SCORES, OUTPUTS, SLOW_OUTPUTS, SOFTNESS):
            self._context.runner.cancel(channel)
        self._lower.shutdown()
        self._entry.close()

    # -- from the person to the store -------------------------------------------------------

    @property
    def _state(self) -> TopkState:
        state: TopkState = self._store[SLICE]
        return state

    @property
    def _active(self) -> Any:
        return self._store["selection"].active

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
        override = None if kind == "data" else Override(self._active, kind)  # type: ignore[arg-type]
        self._store.replace(SLICE, label=tr("scores"), override=override)

    def _tick(self, key: str, checked: bool) -> None:
        others = set(self._state.operators) - {key}
        chosen = others | {key} if checked else others
        operators = tuple(name for name in self._infos if name in chosen)
        self._store.replace(SLICE, label=tr("operators"), operators=operators)

    def _move_cursor(self, key: str, value: float) -> None:
        if key == "log_tau":
            key, value = "tau", float(f"{10**value:.4g}")
        if key == "k":
            value = effective_k(value, self._unmasked(), True)
        if key in ("k", "tau", "softness"):
            self._edit(key, value)

    def _move_point(self, drawn: int, y: float) -> None:
        if self._scores is None or not 0 <= drawn < self._scores.size:
            return
        if self._held_order is None:
            # The point stays where it is on the x axis until the mouse lets go.
            self._held_order = self._scores.order
        index = int(self._held_order[drawn]) if self._state.order == "rank" else drawn
        edits = with_edit(self._state, self._scores.spec, index, y)
        self._store.replace(SLICE, label=tr("score {i}", i=index), merge="topk.edits", edits=edits)

    def _choose_point(self, drawn: int) -> None:
        if self._scores is None or not 0 <= drawn < self._scores.size:
            return
        by_rank = self._state.order == "rank"
        self._edit("column", int(self._scores.order[drawn]) if by_rank else drawn)

    def _release(self) -> None:
        self._held_order = None
        self._store.seal()
        self._update()

    def _toggle_log(self, figure: str, axis: str, on: bool) -> None:
        field = LOG_FIELDS.get((figure, axis))
        if field is not None:
            change: dict[str, Any] = {field: on}
            self._store.replace(SLICE, label=tr("logarithmic axis"), **change)

    def _choose_cell(self, operator: str, law: str) -> None:
        chosen = f"{operator}:{law}" if operator else ""
        chosen = "" if chosen == self._state.witness else chosen
        self._store.replace(SLICE, label=tr("witness"), witness=chosen)

    # -- from the store to requests ---------------------------------------------------------

    def _when_changed(self, old: Any, new: Any) -> None:
        if old[SLICE] is new[SLICE] and old["selection"] is new["selection"]:
            return
        self._update()

    def _update(self) -> None:
        """Ask for whatever the present state lacks, and draw what is there already."""
        self._show_controls()
        if not self._view.isVisible():
            return
        self._want_scores()
        if self._scores is None or self._scores.spec != self._asked:
            return
        taus = self._want_taus()
        if taus is None:
            return
        if not self._want_outputs(taus):
            self._draw()

    def _want_scores(self) -> None:
        spec = effective_input(self._state, self._active)
        if spec != self._asked:
            self._asked = spec
            source = self._context.library.get(spec.ref.path) if spec.ref else None
            request = LoadScores(spec, source)
            title = tr("Reading the scores")
            self._context.runner.submit(
                SCORES, request, self._scores_arrived, self._scores_failed, title=title
            )
        if self._base is None or self._base.spec != spec:
            return
        points = effective_edits(self._state, spec)
        if points != self._points or self._scores is None:
            self._points = points
            self._scores = with_points(self._base, points)

    def _scores_arrived(self, request: LoadScores, scores: Scores) -> None:
        self._controls.input_error.set_text("")
        self._base, self._points = scores, ()
        self._scores = scores
        self._held_order = None
        self._update()

    def _scores_failed(self, request: LoadScores, error: BaseException) -> None:
        self._controls.input_error.set_text(str(error))

    def _want_taus(self) -> tuple[tuple[str, float], ...] | None:
        """Return each operator's tau, None while equal softness is still being solved."""
        state, scores = self._state, self._scores
        if state.comparison == "tau" or scores is None:
            self._matched = None
            self._controls.softness.set_error("")
            return tuple((key, state.tau) for key in self._operators())
        k = self._k()
        keys = self._operators()
        wanted = (scores, k, keys, state.comparison, state.softness)
        if self._matched is not None and self._matched[0] == wanted:
            own = self._matched[1].taus
            return tuple((key, own[key]) for key in keys if key in own)
        request = MatchSoftness(scores, k, keys, state.comparison, state.softness, state.tau)
        self._context.runner.submit(
            SOFTNESS, request, self._softness_arrived, self._softness_failed, live=True
        )
        return None

    def _softness_arrived(self, request: MatchSoftness, matched: Matched) -> None:
        missed = next(iter(matched.missed.values()), "")
        self._controls.softness.set_error(missed)
        key = (request.scores, request.k, request.operators, request.measure, request.target)
        self._matched = (key, matched)
        if request.scores is self._scores:
            self._want_outputs(tuple(matched.taus.items()))
        self._update()

    def _softness_failed(self, request: MatchSoftness, error: BaseException) -> None:
        # Equal tau stands in, and the sentence says why.
        taus = dict.fromkeys(request.operators, request.tau)
        self._softness_arrived(request, Matched(taus, {"": str(error)}))

    def _want_outputs(self, taus: tuple[tuple[str, float], ...]) -> bool:
        """Ask for the outputs that are missing; return whether any is."""
        k = self._k()
        missing = tuple((key, tau) for key, tau in taus if not self._is_current(key, k, tau))
        if not missing or self._scores is None:
            return False
        # Operators whose work grows with n k must not hold up those that follow the slider.
        slow = tuple(pair for pair in missing if self._infos[pair[0]].heavy)
        fast = tuple(pair for pair in missing if pair not in slow)
        for channel, pairs in ((OUTPUTS, fast), (SLOW_OUTPUTS, slow)):
            if pairs:
                request = ComputeOutputs(self._scores, k, pairs)
                self._context.runner.submit(
                    channel, request, self._outputs_arrived, self._outputs_failed, live=True
                )
        return bool(fast)

    def _is_current(self, key: str, k: float, tau: float) -> bool:
        output = self._outputs.get(key)
        if output is None or output.scores is not self._scores or output.k != k:
            return False
        return output.tau == tau or not self._infos[key].has_tau

    def _outputs_arrived(
        self, request: ComputeOutputs, outputs: tuple[OperatorOutput, ...]
    ) -> None:
        if request.scores.spec != self._asked:
            return
        for output in outputs:
            last = self._outputs.get(output.key)
            if output.p is None and last is not None:
                # Remembered as answered, with the last good curve still in it.
                output = replace(output, p=last.p)
            self._outputs[output.key] = output
        self._show_errors()
        self._draw()

    def _outputs_failed(self, request: ComputeOutputs, error: BaseException) -> None:
        self._controls.operator_error.set_text(str(error))

    # -- drawing ----------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._scores is None:
            return
        state, frame = self._state, self._frame()
        shown = self._shown()
        marked = self._lower.witnesses(state, self._scores)
        look = (self._scores, frame.k, state.order, frame.order is self._scores.order, marked)
        drawn: tuple[Any, ...] = (*look, shown, state.quantity, state.output_log)
        if self._drawn.get("output") != drawn:
            self._drawn["output"] = drawn
            figure = output_figure(frame, shown, state.quantity, state.output_log, marked)
            self._view.output.set_figure(figure)
            self._show_readouts(shown)
        drawn = (*look, state.scores_log)
        if self._drawn.get("scores") != drawn:
            self._drawn["scores"] = drawn
            self._view.scores.set_figure(scores_figure(frame, state.scores_log, marked))
        taus = tuple((one.key, one.tau) for one in shown)
        self._lower.update(Moment(frame, state, self._operators(), taus, self._active))

    def _shown(self) -> tuple[OperatorOutput, ...]:
        """Return the latest output of every compared operator on the present input."""
        found = (self._outputs.get(key) for key in self._operators())
        return tuple(one for one in found if one is not None and one.scores.spec == self._asked)

    def _frame(self) -> Frame:
        assert self._scores is not None
        order = self._scores.order if self._held_order is None else self._held_order
        state = self._state
        meta = {
            "source": self._input_title(),
            "k": f"{self._k():g}",
            "tau": f"{state.tau:g}",
            "operators": " ".join(self._operators()),
            "seed": str(state.seed),
        }
        return Frame(self._scores, self._k(), state.order, self._styles, order, meta)

    def _operators(self) -> tuple[str, ...]:
        return tuple(key for key in self._infos if key in self._state.operators)

    def _whole_k(self) -> bool:
        return any(self._infos[key].whole_k for key in self._operators())

    def _unmasked(self) -> int:
        return self._scores.unmasked if self._scores is not None else int(self._state.k)

    def _k(self) -> float:
        return effective_k(self._state.k, self._unmasked(), self._whole_k())

    # -- the controls -----------------------------------------------------------------------

    def _show_controls(self) -> None:
        in_force = InForce(self._k(), self._unmasked(), self._whole_k(), self._operators())
        now = (self._state, self._active, in_force)
        if now == self._controls_show:
            return
        self._controls_show = now
        show_state(self._controls, self._view, self._state, self._active, in_force)

    def _show_errors(self) -> None:
        errors = {
            one.argument: tr("{name}: {error}", name=self._styles[one.key].title, error=one.error)
            for one in reversed(self._shown())
            if one.error
        }
        controls = self._controls
        controls.set_k_error(errors.get("k", ""))
        controls.tau.set_error(errors.get("tau", ""))
        controls.input_error.set_text(errors.get("x", ""))
        controls.operator_error.set_text(errors.get("operator", ""))

    def _show_readouts(self, shown: tuple[OperatorOutput, ...]) -> None:
        assert self._scores is not None
        self._controls.readouts.set_rows(readout_rows(self._scores, self._k(), shown, self._styles))
        for key in self._infos.keys() - {one.key for one in shown}:
            self._controls.set_timing(key, "", "")
        for output in shown:
            time = tr("{time} ms", time=format_value(1000 * output.seconds, 2))
            tau = tr("tau = {tau}", tau=format_value(output.tau))
            if output.error:
                time, tau = "–", output.error
            self._controls.set_timing(output.key, time, tau)

    def _input_title(self) -> str:
        return input_title(effective_input(self._state, self._active))
