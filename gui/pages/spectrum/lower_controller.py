"""Conducts the views below the spectrum: each is computed only while it is in front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gui.core.figure.figure import empty_figure
from gui.core.leaving.asking import Questions
from gui.core.leaving.figure_drawer import FigureDrawer
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.core.work.services import Context
from gui.pages.spectrum.analysis import ComputeDensity, Density, FollowCircle
from gui.pages.spectrum.controls_view import SpectrumControls
from gui.pages.spectrum.factors import (
    DrawPair,
    DrawRank,
    Pair,
    RankPicture,
)
from gui.pages.spectrum.figures import LINK, original_figure, reconstruction_figures
from gui.pages.spectrum.lower_figures import (
    density_figure,
    error_figure,
    filter_figure,
    geometry_figures,
    soft_k_figure,
    soft_tau_figure,
    vector_figures,
)
from gui.pages.spectrum.results import Results
from gui.pages.spectrum.rules import RuleRow, choose_ranks
from gui.pages.spectrum.soft import (
    ListOperators,
    OperatorInfo,
    SoftResult,
    SoftSweep,
    SoftTruncate,
    SweepSoft,
)
from gui.pages.spectrum.state import (
    SpectrumState,
    effective_k,
    effective_vector,
    rank_limit,
    rules_on_plot,
)
from gui.pages.spectrum.view import SpectrumView
from gui.pages.spectrum.wording import noise_rows, rule_lines, rules_summary, soft_rows

RANK, PAIR = "spectrum.rank", "spectrum.pair"
RULES, DENSITY = "spectrum.rules", "spectrum.density"
OPERATORS, CIRCLE = "spectrum.operators", "spectrum.circle"
SOFT, SWEEP = "spectrum.soft", "spectrum.sweep"


@dataclass(frozen=True, eq=False)
class _Moment:
    """Everything the lower views depend on at one time."""

    state: SpectrumState
    ref: DataRef | None
    results: Results
    rank: int

    @property
    def limit(self) -> int:
        return rank_limit(self.ref)

    @property
    def source(self) -> str:
        """What the matrix of these results is called, for exports."""
        ref = self.results.analysis.data.ref if self.results.analysis is not None else self.ref
        return ref.title if ref is not None else ""


class LowerController:
    """Asks for what the view in front needs and draws it; old plots stay until new ones are."""

    def __init__(
        self,
        context: Context,
        view: SpectrumView,
        controls: SpectrumControls,
        drawer: FigureDrawer,
        arrived: Callable[[], None],
    ) -> None:
        self._view = view
        self._controls = controls
        self._show = drawer.show
        self._questions = Questions(context, arrived)
        self._now: _Moment | None = None
        self._catalogue: dict[str, OperatorInfo] = {}

    @property
    def stopped(self) -> bool:
        """Whether the person has cancelled what a view needs."""
        return self._questions.stopped

    def follow(
        self, state: SpectrumState, ref: DataRef | None, results: Results, rank: int
    ) -> None:
        """Bring the view in front, and the rules where they are shown, up to date."""
        self._now = _Moment(state, ref, results, rank)
        if rules_on_plot(state):
            self._follow_rules(self._now)
        failed = bool(results.error) and results.factors is None
        gone = ref is None or results.bad is not None or failed
        if gone and results.analysis is None and state.view not in ("rules", "geometry"):
            self._draw_blank(self._now)
            return
        {
            "reconstruction": self._follow_reconstruction,
            "error": self._follow_error,
            "density": self._follow_density,
            "rules": self._draw_rules,
            "soft": self._follow_soft,
            "vectors": self._follow_vectors,
            "geometry": self._follow_geometry,
        }[state.view](self._now)

    def rules_on_plot(self) -> tuple[RuleRow, ...]:
        """Return the rows of the rules while they are shown and belong to the spectrum shown."""
        if self._now is None or not rules_on_plot(self._now.state):
            return ()
        rows: tuple[RuleRow, ...] = self._questions.answers.get(RULES, ())
        return rows

    def rule(self, key: str) -> RuleRow | None:
        """Return the row of one rule."""
        rows: tuple[RuleRow, ...] = self._questions.answers.get(RULES, ())
        return next((row for row in rows if row.key == key), None)

    def reason_for(self, rank: int) -> str:
        """Return the names of the rules that choose ``rank``, as far as they have been asked."""
        rows: tuple[RuleRow, ...] = self._questions.answers.get(RULES, ())
        titles = [row.title for row in rows if row.rank == rank]
        return ", ".join(titles) or "chosen by hand"

    def restart(self) -> None:
        """Ask again for what the person has cancelled."""
        self._questions.restart()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._questions.shutdown()

    # -- reconstruction and vectors ---------------------------------------------------------

    def _follow_reconstruction(self, now: _Moment) -> None:
        pictures = now.results.pictures
        if pictures is None:
            self._draw_waiting(now)
            return
        rank = min(now.rank, pictures.factors.known)
        self._questions.ask(RANK, (pictures, rank), lambda: DrawRank(pictures, rank))
        drawn: RankPicture | None = self._questions.answers.get(RANK)
        means = pictures.factors.picture.means.values
        if drawn is None or drawn.residual.values.shape != means.shape:
            return
        build = cache(lambda: reconstruction_figures(pictures.factors, drawn, now.rank, now.source))
        moving = (pictures, drawn, now.rank > pictures.factors.known)
        picture = pictures.factors.picture
        self._show("original", (picture,), lambda: original_figure(picture, now.source))
        self._show("approximation", moving, lambda: build()[0])
        self._show("residual", moving, lambda: build()[1])

    def _draw_blank(self, now: _Moment) -> None:
        """Empty the view in front: what it shows belongs to a matrix that is gone."""
        link = LINK if now.state.view == "reconstruction" else ""
        for key in self._view.plots_of(now.state.view):
            blank = empty_figure(f"spectrum.{key}", "", "", link=link)
            self._show(key, (), lambda blank=blank: blank)  # type: ignore[misc]
        self._controls.soft_readouts.set_rows([])
        self._controls.noise_readouts.set_rows([])

    def _draw_waiting(self, now: _Moment) -> None:
        picture, analysis = now.results.picture, now.results.analysis
        complex_factors = now.results.factors is not None
        if picture is None or analysis is None:
            return
        if analysis.spectrum.complete and not complex_factors:
            return  # soon there: the last pictures stay until then
        self._show("original", (picture,), lambda: original_figure(picture, now.source))
        note = tr("The singular vectors are being computed.")
        if complex_factors:
            note = tr("Of a complex matrix no products are drawn: a picture shows magnitudes.")
        for key in ("approximation", "residual"):
            figure = empty_figure(f"spectrum.{key}", "", note, link=LINK)
            self._show(key, (note,), lambda figure=figure: figure)  # type: ignore[misc]

    def _follow_vectors(self, now: _Moment) -> None:
        factors = now.results.factors
        if factors is None:
            return
        index = min(effective_vector(now.state, now.limit), factors.known)
        self._questions.ask(
            PAIR,
            (factors, index),
            lambda: DrawPair(factors, index),
            lambda pair: self._questions.answers.__setitem__(PAIR, (factors, pair)),
        )
        made_of, drawn = self._questions.answers.get(PAIR, (None, None))
        if made_of is not factors:
            return
        pair: Pair = drawn
        build = cache(lambda: vector_figures(factors, pair, now.source))
        for place, key in enumerate(("u", "v", "outer")):
            self._show(key, (factors, pair), lambda place=place: build()[place])  # type: ignore[misc]

    # -- views of the values ----------------------------------------------------------------

    def _follow_error(self, now: _Moment) -> None:
        analysis, state = now.results.analysis, now.state
        if analysis is not None:
            parts = (analysis, now.rank, state.error_relative, state.error_log)
            self._show("error", parts, lambda: error_figure(analysis, state, now.rank))

    def _follow_density(self, now: _Moment) -> None:
        analysis, state = now.results.analysis, now.state
        if analysis is None:
            return
        squared = state.quantity == "sigma2"
        question = (analysis, squared, state.bins, state.noise)
        spectrum = analysis.spectrum
        self._controls.set_noise_limit(analysis.sigma1)
        self._questions.ask(
            DENSITY,
            question,
            lambda: ComputeDensity(spectrum, squared, state.bins, state.noise),
            lambda answer: self._questions.answers.__setitem__(DENSITY, (question, answer)),
        )
        asked, density = self._questions.answers.get(DENSITY, ((None, False), None))
        if density is None or asked[:2] != question[:2]:
            return
        found: Density = density
        self._controls.noise_readouts.set_rows(noise_rows(found))
        parts = (found, state.density_log)
        self._show("density", parts, lambda: density_figure(analysis, found, state))

    def _follow_rules(self, now: _Moment) -> None:
        analysis, values = now.results.analysis, now.state.rule_values
        if analysis is None:
            self._questions.forget(RULES)
            return
        self._questions.ask(
            RULES,
            (analysis, values),
            lambda: choose_ranks(analysis, values),
            title=tr("Asking the rank rules"),
            live=False,
        )

    def _draw_rules(self, now: _Moment) -> None:
        rows: tuple[RuleRow, ...] = self._questions.answers.get(RULES, ())
        analysis = now.results.analysis
        if analysis is None:
            self._view.rules.set_lines((), "")
            return
        if not rows:
            self._view.rules.set_lines((), tr("The rank rules are being asked."))
            return
        summary = rules_summary(rows, analysis.spectrum.complete)
        self._view.rules.set_lines(rule_lines(rows, now.rank), summary)

    # -- soft truncation --------------------------------------------------------------------

    def _follow_soft(self, now: _Moment) -> None:
        self._offer_operators(now.state.operator)
        analysis, state = now.results.analysis, now.state
        if analysis is None:
            return
        k = min(effective_k(state, now.limit), float(analysis.known))
        question = (analysis, state.operator, k, state.tau)
        self._questions.ask(
            SOFT, question, lambda: SoftTruncate(analysis, state.operator, k, state.tau)
        )
        soft: SoftResult | None = self._questions.answers.get(SOFT)
        if soft is None or soft.mask.size != analysis.known:
            return
        self._questions.ask(
            SWEEP, question, lambda: SweepSoft(analysis, state.operator, k, state.tau)
        )
        sweep: SoftSweep | None = self._questions.answers.get(SWEEP)
        if sweep is not None and sweep.operator != soft.operator:
            sweep = None
        limit = now.limit
        self._show("filter", (analysis, soft), lambda: filter_figure(analysis, soft, limit))
        self._show("soft_k", (analysis, soft, sweep), lambda: soft_k_figure(analysis, soft, sweep))
        self._show(
            "soft_tau", (analysis, soft, sweep), lambda: soft_tau_figure(analysis, soft, sweep)
        )
        self._controls.soft_readouts.set_rows(soft_rows(soft))

    def _offer_operators(self, key: str) -> None:
        self._questions.ask(OPERATORS, (), ListOperators, self._take_operators)
        info = self._catalogue.get(key)
        self._controls.formula.setText(info.formula if info is not None else "")
        self._controls.formula.setToolTip(info.source if info is not None else "")

    def _take_operators(self, found: tuple[OperatorInfo, ...]) -> None:
        self._catalogue = {info.key: info for info in found}
        self._controls.set_operators([(info.key, info.title) for info in found])
        if self._now is not None:
            self._controls.choices["operator"].set_value(self._now.state.operator)

    # -- the 2 x 2 matrix -------------------------------------------------------------------

    def _follow_geometry(self, now: _Moment) -> None:
        matrix = now.state.matrix
        self._questions.ask(CIRCLE, matrix, lambda: FollowCircle(matrix))
        stages = self._questions.answers.get(CIRCLE)
        if stages is not None:
            stage = now.state.stage
            figures = geometry_figures(stages, matrix, stage)
            for key, figure in zip(("geometry", "stage1", "stage2"), figures, strict=True):
                parts = (stages, stage) if key == "geometry" else (stages,)
                self._show(key, parts, lambda figure=figure: figure)  # type: ignore[misc]
