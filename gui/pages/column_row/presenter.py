"""Shows one moment of the page: figures, read-outs, the table and the notice; asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gui.core.figure.figure import empty_figure
from gui.core.leaving.figure_drawer import FigureDrawer
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.pages.column_row.catalogue import Catalogue, StrategyInfo
from gui.pages.column_row.controls_view import ColumnRowControls
from gui.pages.column_row.curves import FITTED_MAX
from gui.pages.column_row.detail import Detail
from gui.pages.column_row.figures import (
    LINK,
    Style,
    approximation_figures,
    error_figure,
    norms_figure,
    product_figure,
    strategy_styles,
)
from gui.pages.column_row.pipeline import Results, Wanted
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.standings import Standings
from gui.pages.column_row.state import (
    ColumnRowState,
    Pairing,
    Product,
    chosen_detail,
    effective_r,
)
from gui.pages.column_row.view import PICTURES, ColumnRowView
from gui.pages.column_row.wording import (
    array_key,
    array_title,
    detail_rows,
    misfit,
    product_rows,
    refused_text,
    repair_buttons,
    repaired,
    shapes_text,
    standing_lines,
    standings_summary,
    trailing_texts,
    transposing_buttons,
)


@dataclass(frozen=True, eq=False)
class Moment:
    """Everything that is shown at one time.

    ``arrays`` can be the other factor, by key; ``compared`` and ``wanted`` are the strategies and
    curves asked for, ``results``, ``standings`` and ``detail`` what has come of it so far.
    """

    state: ColumnRowState
    product: Product | None
    pairing: Pairing | None
    arrays: Mapping[str, DataRef]
    compared: Sequence[StrategyInfo]
    wanted: Sequence[Wanted]
    results: Results
    standings: Standings | None
    detail: Detail | None
    stopped: bool

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.product.pairs if self.product is not None else 0

    @property
    def r(self) -> int:
        """The r in force."""
        return effective_r(self.state, self.pairs)


class Presenter:
    """Puts moments into the view and the controls; old plots stay until new ones are there."""

    def __init__(self, view: ColumnRowView, controls: ColumnRowControls) -> None:
        self._view = view
        self._controls = controls
        self._drawer = FigureDrawer(view)
        self._strategies: tuple[StrategyInfo, ...] = ()
        self._styles: dict[str, Style] = {}

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer the strategies and operators that there are."""
        self._strategies = catalogue.strategies
        self._styles = strategy_styles(catalogue.strategies)
        self._controls.set_catalogue(catalogue, self._styles)

    def show(self, now: Moment) -> None:
        """Bring everything up to date."""
        self._controls.set_state(now.state, now.r, now.pairs, chosen_detail(now.state))
        self._controls.set_visible_options(
            any(info.random for info in now.compared),
            any(info.weighted and not info.random for info in now.compared),
        )
        self._view.set_lower(now.state.view)
        self._show_pairing(now)
        self._show_notice(now)
        prepared = now.results.prepared
        if prepared is None:
            self._show_nothing(now)
        elif self._styles:
            self._show_errors(now, prepared)
            self._controls.product_readouts.set_rows(product_rows(prepared))
            self._show_detail(now, prepared)
            self._show_standings(now, prepared)

    def _show_errors(self, now: Moment, prepared: Prepared) -> None:
        state, found = now.state, now.results.found
        curves = [found[one] for one in now.wanted if one in found and one.weights is not None]
        samplings = [found[one] for one in now.wanted if one in found and one.weights is None]
        look = (state.error_log, state.r_log, state.weights, state.strategies)
        note = _limits_note(state, prepared)
        self._drawer.show(
            "error",
            (prepared, now.r, look, tuple(curves), tuple(samplings)),
            lambda: error_figure(prepared, state, now.r, curves, samplings, self._styles, note),
        )

    def _show_detail(self, now: Moment, prepared: Prepared) -> None:
        state, detail, styles, show = now.state, now.detail, self._styles, self._drawer.show
        parts = (prepared, detail, state.order, state.norms_log)
        show("norms", parts, lambda: norms_figure(prepared, state, detail, styles))
        show("product", (prepared,), lambda: product_figure(prepared))
        if detail is None:
            self._controls.readouts.set_rows([])
            for key in PICTURES[1:]:
                self._show_blank(key, "")
            return
        self._controls.readouts.set_rows(detail_rows(prepared, detail))
        build = cache(lambda: approximation_figures(prepared, detail, styles))
        show("approximation", (prepared, detail), lambda: build()[0])
        show("residual", (prepared, detail), lambda: build()[1])

    def _show_standings(self, now: Moment, prepared: Prepared) -> None:
        standings = now.standings
        if standings is None:
            self._show_no_standings()
            return
        state, pairs = now.state, prepared.pairs
        floor = float(prepared.floor[min(standings.r, pairs)])
        chosen = (chosen_detail(state), state.detail_weights)
        self._view.standings.set_lines(
            standing_lines(standings, floor, self._styles, chosen),
            standings_summary(standings, floor, pairs),
        )
        texts = trailing_texts(standings, state.strategies)
        for info in self._strategies:
            self._controls.set_trailing(info.key, *texts.get(info.key, ("", "")))
        refusals = (
            refused_text(entry, self._styles[entry.strategy].title, pairs, standings.r)
            for entry in standings.entries
            if entry.strategy in state.strategies
        )
        self._controls.strategy_error.set_text(
            "\n".join(dict.fromkeys(text for text in refusals if text))
        )

    def _show_nothing(self, now: Moment) -> None:
        note = tr("Choose a matrix in Sources, or drop a file on the window.")
        if now.product is not None:
            if now.product.fits and not now.results.error and not now.stopped:
                return  # on its way: what was shown stays until then
            note = tr("No product of these arrays yet.")
        self._show_blank("error", note)
        for key in ("norms", *PICTURES):
            self._show_blank(key, "")
        self._controls.readouts.set_rows([])
        self._controls.product_readouts.set_rows([])
        self._show_no_standings()

    def _show_no_standings(self) -> None:
        self._view.standings.set_lines((), "")
        for info in self._strategies:
            self._controls.set_trailing(info.key, "", "")
        self._controls.strategy_error.set_text("")

    def _show_blank(self, key: str, note: str) -> None:
        title = tr("Error against r") if key == "error" else ""
        link = LINK if key in PICTURES else ""
        blank = empty_figure(f"column_row.{key}", title, note, link=link)
        self._drawer.show(key, (note,), lambda: blank)

    def _show_pairing(self, now: Moment) -> None:
        pairing, product = now.pairing, now.product
        choices = [(key, array_title(ref)) for key, ref in now.arrays.items()]
        y = array_key(pairing.y) if pairing is not None and pairing.y is not None else ""
        shapes = shapes_text(product) if product is not None else ""
        self._controls.set_pairing(pairing, choices, y, shapes)

    def _show_notice(self, now: Moment) -> None:
        notice, again = self._view.notice, ("again", tr("Compute again"), tr("Start once more"))
        failed = now.results.failed
        problem = next((failed[one] for one in now.wanted if one in failed), "")
        if now.product is not None and not now.product.fits:
            notice.set_notice(misfit(now.product), transposing_buttons(now.product))
        elif now.results.bad:
            notice.set_notice(now.results.error, repair_buttons())
        elif now.results.error:
            notice.set_notice(now.results.error, (again,))
        elif now.stopped:
            text = tr("The computation was cancelled; what is shown may be incomplete.")
            notice.set_notice(text, (again,))
        elif problem:
            notice.set_notice(problem, (again,))
        elif now.product is not None and repaired(now.product):
            keep = ("keep", tr("Take it back"), tr("Show the matrix as it is in the file"))
            notice.set_notice(repaired(now.product), (keep,))
        else:
            notice.set_notice("")


def _limits_note(state: ColumnRowState, prepared: Prepared) -> str:
    if prepared.pairs <= FITTED_MAX or set(state.weights) == {"own"}:
        return ""
    return tr("Fitted weights are shown up to r = {limit}.", limit=FITTED_MAX)
