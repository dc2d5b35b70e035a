"""The conductor of the lower views: only the view in front is computed, and only when stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer

from gui.core.figure.figure import Figure
from gui.core.screen.services import Context
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.analysis import (
    ComputeGradients,
    ComputeHeat,
    ComputeJacobian,
    ComputeLoad,
)
from gui.pages.topk.figures import Frame
from gui.pages.topk.judgement import JudgeClaims, JudgeLaws
from gui.pages.topk.lower_figures import (
    gradient_figure,
    heat_figure,
    jacobian_figure,
    k_figure,
    load_figure,
    tau_figure,
)
from gui.pages.topk.lower_view import PlotPane, TablePane
from gui.pages.topk.requests import OperatorInfo, SweepK, SweepTau
from gui.pages.topk.scores import FOLLOWED, Scores
from gui.pages.topk.state import JACOBIAN_MAX, TopkState, chosen_focus, effective_input
from gui.pages.topk.tables import claim_table, law_table
from gui.pages.topk.view import TopkView

CHANNEL = "topk.lower"
FOLLOW_MS, SETTLE_MS = 30, 150


@dataclass(frozen=True, eq=False)
class Moment:
    """What the page shows now: everything a lower view may depend on."""

    frame: Frame
    state: TopkState
    operators: tuple[str, ...]
    taus: tuple[tuple[str, float], ...]
    active: DataRef | None


@dataclass(frozen=True, eq=False)
class _Answer:
    key: tuple[Any, ...]
    moment: Moment
    result: Any


class LowerController:
    """Computes and draws the lower view in front."""

    def __init__(
        self,
        context: Context,
        view: TopkView,
        infos: Mapping[str, OperatorInfo],
        witness_found: Callable[[], None],
    ) -> None:
        self._witness_found = witness_found
        self._context = context
        self._view = view
        self._infos = infos
        self._moment: Moment | None = None
        self._answers: dict[str, _Answer] = {}
        self._asked: tuple[Any, ...] | None = None
        self._drawn: dict[str, tuple[Any, ...]] = {}
        self._timer = QTimer(view, singleShot=True)
        self._timer.timeout.connect(self._ask)
        self._draws: dict[str, Callable[[Moment, Any], Figure]] = {
            "tau": _tau_figure,
            "k": _k_figure,
            "heat": lambda m, r: heat_figure(m.frame, r, m.state.tau),
            "jacobian": lambda m, r: jacobian_figure(m.frame, r),
            "gradient": lambda m, r: gradient_figure(m.frame, r, m.state.gradient_log),
            "load": lambda m, r: load_figure(m.frame, r, chosen_focus(m.state)),
        }
        for pane in view.lower_panes.values():
            if isinstance(pane, TablePane):
                pane.set_theme(context.theme)

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._timer.stop()
        self._context.runner.cancel(CHANNEL)

    def update(self, moment: Moment) -> None:
        """Draw what is known of ``moment`` and ask for what is not."""
        self._moment = moment
        view = moment.state.view
        key = self._key(moment)
        answer = self._answers.get(view)
        if answer is not None and answer.key == key:
            self._draw(view, moment, answer.result)
            return
        if self._asked == key and self._context.runner.is_busy(CHANNEL):
            return
        if moment.frame.scores.size > FOLLOWED:
            self._timer.start(SETTLE_MS)
        elif not self._timer.isActive():
            self._timer.start(FOLLOW_MS)

    def witnesses(self, state: TopkState, scores: Scores) -> tuple[int, ...]:
        """Return the scores that show the violation chosen in the law table."""
        answer = self._answers.get("laws")
        if answer is None or not state.witness or answer.moment.frame.scores is not scores:
            return ()
        operator, _, law = state.witness.partition(":")
        found = (
            one for one in answer.result.verdicts if (one.operator, one.law) == (operator, law)
        )
        return next((one.indices for one in found), ())

    # -- requests ---------------------------------------------------------------------------

    def _key(self, moment: Moment) -> tuple[Any, ...]:
        """Return everything the view's computation depends on, and nothing else."""
        state, frame = moment.state, moment.frame
        base = (state.view, frame.scores, frame.k)
        focus = chosen_focus(state)
        if state.view == "tau":
            return (*base, moment.operators)
        if state.view == "heat":
            return (*base, focus, frame.by)
        if state.view == "jacobian":
            return (*base, moment.taus, focus, self._column(moment))
        if state.view == "gradient":
            return (*base, moment.taus, state.direction, state.seed)
        if state.view == "load":
            spec = effective_input(state, moment.active)
            return (state.view, moment.active, spec.kind, spec.axis, frame.k, moment.taus)
        return (*base, moment.taus)

    def _ask(self) -> None:
        moment = self._moment
        if moment is None or not self._view.isVisible():
            return
        key = self._key(moment)
        request, refusal = self._request(moment)
        self._show_error(moment.state.view, refusal)
        if request is None:
            return
        self._asked = key
        # The answer belongs to the view that asked, whichever is in front when it comes.
        view = moment.state.view
        self._context.runner.submit(
            CHANNEL,
            request,
            lambda _, result: self._arrived(view, key, moment, result),
            lambda _, error: self._show_error(view, tr_sentence(error)),
            live=moment.frame.scores.size <= FOLLOWED,
        )

    def _request(self, moment: Moment) -> tuple[Any, str]:
        """Return the request of the view in front, or a sentence saying why there is none."""
        state, frame, taus = moment.state, moment.frame, moment.taus
        scores, k = frame.scores, frame.k
        if not moment.operators:
            return None, tr("Tick at least one operator.")
        makers: dict[str, Callable[[], Any]] = {
            "tau": lambda: SweepTau(scores, k, moment.operators, _points(scores.size, 61)),
            "k": lambda: SweepK(scores, k, taus, _points(scores.size, 65)),
            "heat": lambda: ComputeHeat(
                scores, k, chosen_focus(state), frame.by, _points(scores.size, 73)
            ),
            "jacobian": lambda: ComputeJacobian(
                scores, k, taus, chosen_focus(state), self._column(moment)
            ),
            "gradient": lambda: ComputeGradients(scores, k, taus, state.direction, state.seed),
            "laws": lambda: JudgeLaws(scores, k, taus),
            "claims": lambda: JudgeClaims(scores, k, state.tau),
        }
        if state.view == "load":
            return self._load_request(moment)
        too_large = state.jacobian_mode == "matrix" and scores.size > JACOBIAN_MAX
        request = makers[state.view]()
        if state.view == "jacobian" and too_large:
            note = tr(
                "The whole matrix is shown up to n = {limit}; this is one column.",
                limit=JACOBIAN_MAX,
            )
            return request, note
        return request, ""

    def _load_request(self, moment: Moment) -> tuple[Any, str]:
        spec = effective_input(moment.state, moment.active)
        if spec.kind != "data" or spec.ref is None or len(spec.ref.shape) < 2:
            return None, tr("Choose an array with rows (tokens x experts) to see the load.")
        source = self._context.library.get(spec.ref.path)
        return ComputeLoad(spec.ref, spec.axis, moment.frame.k, moment.taus, source), ""

    def _column(self, moment: Moment) -> int | None:
        scores = moment.frame.scores
        if moment.state.jacobian_mode == "matrix" and scores.size <= JACOBIAN_MAX:
            return None
        column = moment.state.column
        if 0 <= column < scores.size:
            return column
        return int(scores.order[min(max(round(moment.frame.k) - 1, 0), scores.size - 1)])

    def _arrived(self, view: str, key: tuple[Any, ...], moment: Moment, result: Any) -> None:
        self._answers[view] = _Answer(key, moment, result)
        now = self._moment
        if now is None or now.state.view != view:
            return
        # A live answer that was overtaken is drawn as what it is: an answer to its own moment.
        self._draw(view, now if self._key(now) == key else moment, result)
        if view == "laws" and now.state.witness:
            self._witness_found()

    def _draw(self, view: str, moment: Moment, result: Any) -> None:
        frame = moment.frame
        order_held = frame.order is frame.scores.order
        drawn = (id(result), frame.scores, frame.k, order_held, moment.state, moment.taus)
        if self._drawn.get(view) == drawn:
            return
        self._drawn[view] = drawn
        pane = self._view.lower_panes[view]
        if isinstance(pane, PlotPane):
            pane.set_figure(self._draws[view](moment, result))
        elif isinstance(pane, TablePane):
            chosen = moment.state.witness
            laws = view == "laws"
            pane.set_table(
                law_table(result, frame.styles, chosen)
                if laws
                else claim_table(result, frame.styles)
            )

    def _show_error(self, view: str, text: str) -> None:
        self._view.lower_panes[view].error.set_text(text)


def _points(size: int, most: int) -> int:
    """Fewer steps for long input, so that a sweep stays a matter of seconds."""
    return most if size <= 20_000 else most // 2 if size <= 200_000 else most // 4


def _tau_figure(moment: Moment, result: Any) -> Figure:
    state = moment.state
    softness = state.softness if state.comparison == "mass" else None
    if state.comparison == "entropy":
        softness = float("nan")
    return tau_figure(
        moment.frame,
        result,
        moment.taus,
        state.tau,
        state.sweep_quantity,
        softness,
        state.tau_log,
        state.sweep_log,
    )


def _k_figure(moment: Moment, result: Any) -> Figure:
    state = moment.state
    return k_figure(moment.frame, result, state.sweep_quantity, state.k_log, state.sweep_log)
