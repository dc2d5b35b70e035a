"""The Checkpoint page on the screen: one selection in all views, the filter, start and pause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QLineEdit, QPushButton

from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.paint.plot_hands import Click
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.remedies import Button
from gui.core.screen.tables.long_table import LongTable
from gui.core.state.document import reference
from gui.core.widgets.controls import set_usable
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.compare import Comparison, comparison, may_compare
from gui.pages.checkpoint.compute.figures import Board, Shared, board
from gui.pages.checkpoint.compute.filtering import Filtering
from gui.pages.checkpoint.compute.grid import Grid, grid
from gui.pages.checkpoint.compute.sweep import Consent, may_start
from gui.pages.checkpoint.screen.routing import open_token
from gui.pages.checkpoint.screen.saving import Saver
from gui.pages.checkpoint.screen.training import TrainingWatch
from gui.pages.checkpoint.screen.where import Where
from gui.pages.checkpoint.show.compare import (
    COMPARE,
    ChangeMap,
    ChangesTable,
    state_of_comparison,
)
from gui.pages.checkpoint.show.map import MapPlot
from gui.pages.checkpoint.show.routing import RouterTokens
from gui.pages.checkpoint.show.scatter import SCATTER, ScatterPlot
from gui.pages.checkpoint.show.table import MatricesTable
from gui.pages.checkpoint.show.training import TrainingPlot, TrainingTable
from gui.pages.checkpoint.show.words import state_of

_CHANNEL = "checkpoint.sweep"
_LONG_TABLES = (MatricesTable, ChangesTable, TrainingTable)


class Screen(PageScreen):
    """The page object of the window."""

    def build(self) -> None:
        """Add the filter and the buttons; every view selects the same."""
        self.where = Where(self, self._compute_at)
        self.give(Consent(address=self.where.address))
        self._watch = TrainingWatch(self, self.choose_names)
        self.view.plots[TrainingPlot.key].clicked.connect(self._watch.choose)
        self.tables[RouterTokens.key].chosen.connect(lambda data: open_token(self, data))
        for table in self._long_tables:
            table.chosen.connect(self._choose)
            table.opened.connect(self.open_matrix)
        self.filter = QLineEdit(clearButtonEnabled=True)
        self.filter.setPlaceholderText(tr("for example role:q layer:<8 alpha:>6"))
        self.filter.setAccessibleName(tr("Filter of matrices"))
        self.filter.setToolTip(
            tr(
                "Words that the name holds, role:q,k  layer:<8  layer:2..5  alpha:>6  stable:<50  "
                "type:bfloat16  problem:yes; a minus before one: all others"
            )
        )
        self.filter.textEdited.connect(lambda text: self.conductor.edit("filter", text))
        self.filter.editingFinished.connect(self.conductor.seal)
        matrices: Any = self.tables[MatricesTable.key]
        matrices.put_above(self.filter)
        self.start = QPushButton()
        self.start.clicked.connect(self._start_or_pause)
        self.spectrum = QPushButton(tr("To Spectrum"))
        self.spectrum.clicked.connect(self._open_first)
        section = self.controls.section_of("Model")
        section.add(self.start)
        section.add(self.spectrum)
        section.add(self.where.widget)
        self.saver = Saver(self)
        self.controls.section_of("Budget").add(self.saver.widget)
        self._fill(SCATTER.key)
        for plot in (MapPlot, ChangeMap):
            self.view.plots[plot.key].clicked.connect(self._choose_cell)
        self.view.plots[ScatterPlot.key].clicked.connect(self._choose_point)
        self.context.runner.busy_changed.connect(self._show_buttons)

    def new_table(self, plot: type[Plot]) -> Any:
        """Return a long table for the matrices, their changes, and those of all steps."""
        if plot not in _LONG_TABLES:
            return super().new_table(plot)
        return LongTable(tr(plot.title), self.context.theme)

    @property
    def _long_tables(self) -> list[LongTable]:
        tables: Iterable[Any] = self.tables.values()
        return [one for one in tables if isinstance(one, LongTable)]

    # -- one selection ----------------------------------------------------------------------

    def _choose(self, names: Iterable[str]) -> None:
        self.conductor.edit("chosen", tuple(names))

    def _choose_cell(self, click: Click) -> None:
        now = self.conductor.present()
        found, shown = now.look(grid), now.look(board)
        if not isinstance(found, Grid) or not isinstance(shown, Board):
            return
        places = found.cells.get((round(click.y), round(click.x)), ())
        self.choose_places(shown, places, click.more)

    def _choose_point(self, click: Click) -> None:
        drawn = self.shown(ScatterPlot)
        if drawn is not None and drawn.board is not None:
            places = drawn.groups().get(click.key, ())
            self.choose_places(drawn.board, places[click.index : click.index + 1], click.more)

    def choose_places(self, shown: Board, places: Iterable[int], more: bool) -> None:
        """Select matrices; ``more`` adds them, or takes those away that are selected."""
        self.choose_names([shown.matrices[place].name for place in places], more)

    def choose_names(self, names: Sequence[str], more: bool) -> None:
        """Select matrices by name; see `choose_places`."""
        before: tuple[str, ...] = self.conductor.present().look(Shared.chosen)
        if more and names and set(names) <= set(before):
            self._choose(one for one in before if one not in names)
        else:
            self._choose((*before, *names) if more else names)

    def open_matrix(self, name: str) -> None:
        """Select a matrix as an array of its own, and show its spectrum."""
        now = self.conductor.present().look(board)
        if not isinstance(now, Board) or name not in now.places:
            return
        matrix = now.matrices[now.places[name]]
        store = self.context.store
        file = store["files"].find(now.listing.model.path)
        entry = file.find(matrix.entry) if file is not None else None
        if file is None or entry is None:
            return
        ref = reference(file, entry, matrix.index or (), matrix.view or None)
        views = store["selection"].with_view(ref)
        store.replace("selection", label=tr("choose {name}", name=name), active=ref, views=views)
        self.context.show_page("spectrum")

    def _open_first(self) -> None:
        if chosen := self.conductor.present().look(Shared.chosen):
            self.open_matrix(chosen[0])

    # -- start, pause, go on ----------------------------------------------------------------

    @property
    def is_sweeping(self) -> bool:
        """Whether rows are being computed."""
        return self.context.runner.is_busy(_CHANNEL)

    def _start_or_pause(self) -> None:
        now = self.conductor.present().look(board)
        if self.is_sweeping:
            self.context.runner.cancel(_CHANNEL)
        elif isinstance(now, Board):
            self._begin(now)

    def _begin(self, shown: Board) -> None:
        consent = self.given_by_hand(Consent) or Consent()
        models = consent.models | {shown.listing.model.path}
        turn = consent.turn + (shown.swept is not None and bool(shown.swept.problem))
        self.give(replace(consent, models=models, turn=turn))
        if self.conductor.is_stopped:
            self.conductor.again()

    def _compute_at(self, address: str) -> None:
        """Have rows computed elsewhere; a sweep that is not done begins again with what is kept."""
        consent, now = self.given_by_hand(Consent) or Consent(), self.conductor.present()
        found = now.look(board)
        is_open = isinstance(found, Board) and found.swept is not None and not found.swept.done
        self.give(replace(consent, address=address, turn=consent.turn + is_open))

    def _begin_comparison(self, found: Comparison) -> None:
        consent = self.given_by_hand(Consent) or Consent()
        pair = found.matched.listing.model.path, found.matched.base.path
        self.give(replace(consent, compared=consent.compared | {pair}))
        if self.conductor.is_stopped:
            self.conductor.again()

    def answer(self, key: str) -> None:
        """Do what a button of the notice says."""
        now = self.conductor.present()
        shown, compared = now.look(board), now.look(comparison)
        if key == "start" and isinstance(shown, Board):
            self._begin(shown)
        elif key == "compare" and isinstance(compared, Comparison):
            self._begin_comparison(compared)
        elif key == "follow":
            self._watch.agree()
        else:
            super().answer(key)

    def notice(self, now: Moment, failures: list[Any]) -> tuple[str, tuple[Button, ...]]:
        """Return what stands over the plots: the estimate of a long sweep asks first."""
        found = now.look(board)
        if not isinstance(found, Board) or failures:
            return super().notice(now, failures)
        start, go_on = tr("Start"), tr("Go on")
        every = tr("Compute all matrices; each is shown as it comes")
        kept = tr("What is computed already is not done again")
        if found.swept is None and not now.look(may_start):
            return state_of(found), (("start", start, every),)
        stopped, compared = self.conductor.is_stopped, now.look(comparison)
        if self.conductor.view == COMPARE.key and isinstance(compared, Comparison):
            said = state_of_comparison(compared)
            if not now.look(may_compare):
                return said, (("compare", start, every),)
            if stopped and not compared.done:
                return said, (("compare", go_on, kept),)
        if stopped or (found.swept is not None and found.swept.problem):
            return state_of(found), (("start", go_on, kept),)
        if (asked := self._watch.notice(now)) is not None:
            return asked
        return super().notice(now, failures)

    # -- to the screen ----------------------------------------------------------------------

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls, selection and buttons up to date."""
        super().tell(now, changed)
        text, chosen = now.look(Filtering.filter), now.look(Shared.chosen)
        if " ".join(self.filter.text().split()) != text:
            self.filter.setText(text)
        for table in self._long_tables:
            table.set_chosen(chosen)
        self._watch.tell()
        self.saver.tell(now)
        self._show_buttons()

    def _show_buttons(self, *_: object) -> None:
        now = self.conductor.present()
        found = now.look(board)
        shown = isinstance(found, Board)
        done = shown and found.swept is not None and found.swept.done
        words = tr("Start")
        if self.is_sweeping:
            words = tr("Pause")
        elif shown and found.swept is not None and not done:
            words = tr("Go on")
        self.start.setText(words)
        why = tr("Everything is computed.") if done else tr("No model is open.")
        set_usable(self.start, shown and not done, tr("Rows that are there stay (Esc: stop)"), why)
        usable = shown and bool(found.places_of(now.look(Shared.chosen)))
        set_usable(
            *(self.spectrum, usable, tr("Shows the first selected matrix there")),
            tr("Nothing is selected."),
        )

    def shutdown(self) -> None:
        """Let go of the runner."""
        self.saver.shutdown()
        self.where.shutdown()
        self.context.runner.busy_changed.disconnect(self._show_buttons)
        self._watch.stop()
        super().shutdown()
