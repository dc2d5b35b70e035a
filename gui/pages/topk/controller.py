"""The Top-k page's conductor: watches the store, has things computed, draws what arrives.

Nothing is computed while the page is hidden; on the way back everything stale is.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.declare.entries import Entry
from gui.core.figure.figure import Figure
from gui.core.widgets.page_view import tab_commands
from gui.core.words.i18n import tr, tr_sentence
from gui.core.work.services import Context
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.figures import (
    Frame,
    operator_styles,
    output_figure,
    scores_figure,
)
from gui.pages.topk.gestures import SLICE, Gestures
from gui.pages.topk.lower_controller import LowerController, Moment
from gui.pages.topk.number_entry import NumberEntry
from gui.pages.topk.numbers import scores_text
from gui.pages.topk.presenter import InForce, Presenter
from gui.pages.topk.readouts import Readouts
from gui.pages.topk.requests import (
    ComputeOutputs,
    Matched,
    MatchSoftness,
    OperatorOutput,
    operator_catalogue,
)
from gui.pages.topk.scores import LoadScores, Scores, with_points
from gui.pages.topk.state import (
    InputSpec,
    TopkState,
    effective_edits,
    effective_input,
    effective_k,
)
from gui.pages.topk.view import TopkView
from gui.pages.topk.wording import input_title

SCORES, SOFTNESS = "topk.scores", "topk.softness"
OUTPUTS, SLOW_OUTPUTS = "topk.outputs", "topk.slow_outputs"


class TopkController:
    """The page object of the window (see :class:`gui.core.leaving.page.Page`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        catalogue = operator_catalogue()
        self._infos = {info.key: info for info in catalogue}
        self._styles = operator_styles(catalogue)
        self._view = TopkView(context.theme)
        self._controls = TopkControls(catalogue, self._styles, context.theme)
        self._lower = LowerController(context, self._view, self._infos, self._draw)
        self._entry = NumberEntry(context, self._controls, self.scores_in_force, self._k)
        self._asked: InputSpec | None = None
        self._base: Scores | None = None
        self._points: tuple[tuple[int, float], ...] = ()
        self._scores: Scores | None = None
        self._outputs: dict[str, OperatorOutput] = {}
        self._matched: tuple[Any, Matched] | None = None
        self._drawn: dict[str, tuple[Any, ...]] = {}
        self._presenter = Presenter(self._controls, self._view)
        tempered = {info.key for info in catalogue if info.has_tau}
        self._readouts = Readouts(self._controls, self._styles, tempered)
        self._gestures = Gestures(
            context,
            self._view,
            self._controls,
            tuple(self._infos),
            self.scores_in_force,
            lambda: self._base,
            self._update,
        )
        self._store.changed.connect(self._when_changed)
        self._context.library.listen(self._when_opened)
        self._view.shown.connect(self._update)
        self._view.pasted.connect(self._entry.paste)
        self._controls.editor_requested.connect(self._entry.open)
        self._controls.copy_requested.connect(self._entry.copy)
        self._update()

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
        scores = scores_text(self._scores.size)
        return tr("{input}, {scores}", input=self._input_title(), scores=scores)

    def commands(self) -> tuple[Entry, ...]:
        """Every lower view, and every operator to compare or leave out."""
        boxes = [(info, self._controls.operator_box(info.key)) for info in self._infos.values()]
        toggles = (
            Entry(info.title, tr("Operators"), box.click, "", info.key, box.isChecked())
            for info, box in boxes
        )
        return (*tab_commands(self._view.tabs, tr("Top-k")), *toggles)

    def shutdown(self) -> None:
        """Drop pending results and let go of the store."""
        self._store.changed.disconnect(self._when_changed)
        self._context.library.leave(self._when_opened)
        for channel in (SCORES, OUTPUTS, SLOW_OUTPUTS, SOFTNESS):
            self._context.runner.cancel(channel)
        self._readouts.stop()
        self._lower.shutdown()
        self._entry.close()

    @property
    def _state(self) -> TopkState:
        state: TopkState = self._store[SLICE]
        return state

    @property
    def _active(self) -> Any:
        return self._store["selection"].active

    # -- from the store to requests ---------------------------------------------------------

    def _when_opened(self, path: str) -> None:
        # Scores asked for before their file was open: ask again.
        spec = self._asked
        if spec is not None and spec.ref is not None and spec.ref.path == path:
            self._asked = None
            self._update()

    def _when_changed(self, old: Any, new: Any) -> None:
        if old[SLICE] is new[SLICE] and old["selection"] is new["selection"]:
            return
        self._update()

    def _update(self) -> None:
        """Ask for whatever the present state lacks, and draw what is there already."""
        if self._view.isVisible():
            self._update_plots()
        # Last: the worker computes while the controls are brought up to date.
        self._show_controls()

    def _update_plots(self) -> None:
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
        self._gestures.held_order = None
        self._update()

    def _scores_failed(self, request: LoadScores, error: BaseException) -> None:
        self._controls.input_error.set_text(tr_sentence(error))

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
        self._softness_arrived(request, Matched(taus, {"": tr_sentence(error)}))

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
                request = ComputeOutputs(self._scores, k, pairs, self._state.order)
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
            # A refusal is remembered as answered, with the last good curve still in it.
            self._outputs[output.key] = output.standing_on(self._outputs.get(output.key))
        self._readouts.show_errors(self._shown())
        self._draw()

    def _outputs_failed(self, request: ComputeOutputs, error: BaseException) -> None:
        self._controls.operator_error.set_text(tr_sentence(error))

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
            self._readouts.show(self._scores, frame.k, shown, state.comparison != "tau")
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
        held = self._gestures.held_order
        order = self._scores.order if held is None else held
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
        chosen = self._state.operators
        return tuple(key for key in self._infos if key in chosen)

    def _whole_k(self) -> bool:
        return any(self._infos[key].whole_k for key in self._operators())

    def _unmasked(self) -> int:
        return self._scores.unmasked if self._scores is not None else int(self._state.k)

    def _k(self) -> float:
        return effective_k(self._state.k, self._unmasked(), self._whole_k())

    # -- the controls -----------------------------------------------------------------------

    def _show_controls(self) -> None:
        in_force = InForce(self._k(), self._unmasked(), self._whole_k(), self._operators())
        self._presenter.show(self._state, self._active, in_force)

    def _input_title(self) -> str:
        # Of the scores drawn: those chosen may still be on their way, or refused.
        return input_title(self._scores.spec) if self._scores is not None else ""
