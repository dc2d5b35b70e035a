"""A page on the screen, made from its declarations: plots above, lower views in tabs, controls.

A page whose screen has more (a drag, a table that may be typed into, a button) derives from
``PageScreen`` in its folder ``screen``; what it adds calls `Conductor.edit`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtWidgets import QWidget

from gui.core.declare.answers import Missing, same
from gui.core.declare.call import call_of
from gui.core.declare.command import Entry
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.pictures import Picture
from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure, empty_figure
from gui.core.figure.rebuilt import rebuilt
from gui.core.figure.table import Table
from gui.core.keys.focus import enter
from gui.core.screen.declared_controls import DeclaredControls
from gui.core.screen.entries import page_entries
from gui.core.screen.later import Later
from gui.core.screen.plain_screen import given_of
from gui.core.screen.reasons import Reasons, awaited
from gui.core.screen.remedies import Button, remedies_of
from gui.core.screen.services import Context
from gui.core.screen.splitter import Splitter
from gui.core.screen.tables.tables_out import TablesOut
from gui.core.screen.two_row_view import TwoRowView
from gui.core.state.document import REPAIRS, Arrays, Opened
from gui.core.state.missing import repaired_sentence
from gui.core.widgets.lists.table_view import TableView
from gui.core.widgets.tabs import FittingTabs
from gui.core.words.i18n import in_a_row, tr, tr_sentence
from gui.core.words.names import on_its_way
from gui.core.work.conductor import Conductor, Failure

P = TypeVar("P", bound=Plot)
T = TypeVar("T")
SHARES = (55, 45)  # of the height: plots above, lower view


class PageScreen:
    """The page object of the window for any declared page."""

    def __init__(self, page: Page, context: Context) -> None:
        self.page, self.context = page, context
        self.view = TwoRowView(context.theme)
        self.tables: dict[str, TableView] = {}
        self.tables_out = TablesOut(context, self.view, self.drawn)
        self._shown: dict[type[Plot], Picture] = {}
        self._fitted: dict[type[Plot], Any] = {}  # to what the axes of each were fitted
        self._given: dict[type, Any] = {}
        self._said: dict[str, str] = {}
        self._unfilled: dict[str, Splitter] = {}  # the lower views that nobody has seen yet
        self._waiting: dict[type[Plot], str] = {}  # what stands in those that wait for the first
        self._reasons = Reasons(page.plots)
        self._later = Later(self.view)
        self._build_plots()
        self.controls = DeclaredControls(page, context.theme, context.finds)
        for key, readouts in self.controls.readouts.items():
            self.tables_out.offer(readouts, key)
        self.conductor = Conductor(
            page, context.store, context.runner, self.given, self, self._later, time.monotonic
        )
        self.build()
        self._connect()
        self.conductor.update()

    def build(self) -> None:
        """Add what no declaration says."""

    def _build_plots(self) -> None:
        above = [plot for plot in self.page.plots if plot.view is None and plot.form() != "rows"]
        for plot in above:
            self.view.upper.addWidget(self._new_plot(plot))
        tabs = FittingTabs()
        tabs.setAccessibleName(tr("Lower view"))
        panes: dict[str, Splitter] = {}
        for key, one in self.page.views.items():
            pane = panes[key] = self._unfilled[key] = Splitter()
            title = tr(one.title)
            tabs.add(pane, title, tr(one.short) if one.short else title, tr(one.tip))
        self.view.stack(tabs, panes, SHARES, self.context.settings, self.page.key)
        self.view.upper.set_shares([plot.share for plot in above])
        for plot in self.page.plots:
            if plot.form() == "table":
                self._fill(plot.view_key())

    def _fill(self, view: str) -> None:
        """Make the plots of a lower view: when it is first needed, or an unseen one slows a start.

        Tables are made at once: a page connects to them, and they cost little.
        """
        pane = self._unfilled.pop(view, None)
        if pane is None:
            return
        plots = [p for p in self.page.plots if p.view_key() == view and p.form() != "rows"]
        for plot in plots:
            pane.addWidget(self._new_plot(plot))
        pane.set_shares([plot.share for plot in plots])

    def _new_plot(self, plot: type[Plot]) -> QWidget:
        if plot.form() == "table":
            table = self.tables[plot.key] = self.new_table(plot)
            # What a right click falls on: the table, or the rows in it.
            self.tables_out.offer(getattr(table, "rows", table), plot.key)
            return table  # type: ignore[no-any-return]
        return self.view.new_plot(plot.key, tr(plot.title))

    def new_table(self, plot: type[Plot]) -> Any:
        """Return what shows a table: a `TableView`, or what a page has in its place."""
        return TableView(tr(plot.title), self.context.theme, orders=self.context.finds)

    def _connect(self) -> None:
        view, controls, conductor = self.view, self.controls, self.conductor
        view.shown.connect(conductor.update)
        view.cursor_moved.connect(self.move_cursor)
        view.released.connect(self.release)
        view.log_toggled.connect(self._toggle_log)
        view.recoloured.connect(self._recolour)
        view.view_chosen.connect(conductor.show_view)
        view.notice_chosen.connect(self.answer)
        controls.edited.connect(conductor.edit)
        controls.ticked.connect(conductor.tick)
        controls.sealed.connect(conductor.seal)
        self.context.library.listen(self._when_opened)

    # -- the page protocol ------------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        """The plots."""
        return self.view

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed: the focused one first, then by their share.

        A plot that is blank, and says why in words, has none.
        """
        drawn = self.page.drawn_of(self.conductor.view)
        shown = [plot for plot in drawn if plot.form() == "figure" and plot in self._shown]
        return self.view.figures_of([plot.key for plot in shown])

    def shown(self, plot: type[P]) -> P | None:
        """Return a plot with everything that it shows is made of; None while it is blank."""
        picture = self._shown.get(plot)
        return None if picture is None else picture.plot  # type: ignore[return-value]

    def drawn(self) -> tuple[Table, ...]:
        """Return the tables and read-outs on screen."""
        shown = (self._shown.get(plot) for plot in self.conductor.in_view)
        return tuple(one.table for one in shown if one is not None and one.table is not None)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing waits to be drawn or written."""
        return not (self._later.is_waiting or self.view.is_drawing)

    def summary(self) -> str:
        """Return one line about what is shown, or about what cannot be computed."""
        if self.page.summary is None:
            return ""
        now = self.conductor.present()
        text = now.look(self.page.summary)
        if isinstance(text, Missing) and text.why is not None and self.page.refused is not None:
            text = now.look(self.page.refused)
        if not isinstance(text, Missing):
            return str(text)
        active = self.context.store["selection"].active
        return "" if text.why is not None or active is None else on_its_way(active.title)

    def commands(self) -> tuple[Entry, ...]:
        """Return what the search offers of this page beside its views."""
        offered = page_entries(self.conductor, self.controls, self.view)
        return (*offered, *self.tables_out.entries())

    def call(self) -> str:
        """Return the call that repeats the focused plot; "" where there is none."""
        figures = self.figures()
        plot = self.page.plot(figures[0].key) if figures else None
        return call_of(plot, self.repeated(self.conductor.present())) if plot is not None else ""

    def repeated(self, now: Moment) -> Moment:
        """Return a moment said as a call says it."""
        return now

    def shutdown(self) -> None:
        """Drop what is pending and let go of the store."""
        self._later.stop()
        self.context.library.leave(self._when_opened)
        self.conductor.shutdown()

    def given(self) -> Mapping[type, Any]:
        """Return what the page is given now, by kind."""
        return self.given_with(self.context.arrays)

    def given_with(self, arrays: Arrays) -> Mapping[type, Any]:
        """Return what the page is given where these arrays are at hand."""
        return {**given_of(self.page, arrays), **self._given}

    def give(self, thing: Any, kind: type | None = None) -> None:
        """Give what only the screen knows; None, with its ``kind``, takes it back."""
        if thing is None and kind is not None:
            self._given.pop(kind, None)
        else:
            self._given[kind or type(thing)] = thing
        self.conductor.update()

    def given_by_hand(self, kind: type[T]) -> T | None:
        """Return what the screen itself has given, None for nothing."""
        return self._given.get(kind)

    def _when_opened(self, _path: str) -> None:
        self.conductor.update()

    def move_cursor(self, key: str, value: float) -> None:
        """Set the parameter whose cursor was dragged."""
        one = self.page.parameters.get(key)
        if one is not None:
            whole = isinstance(one.default, int) or self.conductor.present().is_whole(one)
            self.conductor.edit(key, round(value) if whole else float(value))

    def release(self) -> None:
        """End a drag."""
        self.conductor.seal()

    def show_view(self, view: str, control: str = "") -> None:
        """Bring a lower view to the front, and the keyboard into it or into a control."""
        self.conductor.show_view(view)
        if control:
            self.controls.begin(control)
        else:
            enter(self.view.tabs.currentWidget(), self.view.tabs.tabBar())

    def _toggle_log(self, key: str, axis: str, on: bool) -> None:
        if (plot := self.page.plot(key)) is not None:
            self.conductor.toggle_log(plot, axis, on)

    def _recolour(self, key: str, part: str, value: object) -> None:
        plot = self.page.plot(key)
        figure = self._shown[plot].figure if plot in self._shown else None
        if plot is not None and figure is not None:
            self.conductor.recolour(plot, figure.images[0], part, value)

    def answer(self, key: str) -> None:
        """Do what a button of the notice says."""
        if key == "again":
            self.conductor.again()
        elif key in ("go_on", "leave"):
            self.conductor.decide(key == "go_on")
        elif key in ("keep", *REPAIRS):
            repair: Any = "" if key == "keep" else key
            store = self.context.store
            repairs = store["selection"].with_repair(self.repaired(), repair)
            store.replace("selection", label=tr("replacing of bad entries"), repairs=repairs)

    def repaired(self) -> tuple[Any, ...]:
        """Return the arrays that a choice about NaN and infinity is made for."""
        active = self.context.store["selection"].active
        return () if active is None else (active,)

    # -- to the screen (see Conductor.Screen) -----------------------------------------------

    def is_visible(self) -> bool:
        """Whether a person sees the page."""
        return self.view.isVisible()

    def show(self, plot: type[Plot], picture: Picture) -> None:
        """Draw a picture; nothing is painted where it only begins or ends to be behind."""
        before, self._shown[plot] = self._shown.get(plot), picture
        self._waiting.pop(plot, None)
        self._write_notes(self._reasons.told(plot, None))
        if before is not None and before is not picture and before.drawn is picture.drawn:
            return
        self._fill(plot.view_key())
        if isinstance(picture.drawn, Figure):
            fitted = rebuilt(picture.fitted, Opened, Opened.standing)
            afresh = not same(self._fitted.get(plot), fitted)
            self._fitted[plot] = fitted
            self.view.set_figure(plot.key, picture.drawn, afresh=afresh)
        elif plot.form() == "table":
            self.tables[plot.key].set_table(picture.drawn)
        else:
            rows = [(line[0].text, line[1].text, line[0].tip) for line in picture.drawn.cells]
            self.controls.show_rows(plot, rows)

    def blank(self, plot: type[Plot], why: BaseException | None) -> None:
        """Show nothing, and say why in words."""
        self._shown.pop(plot, None)
        self._waiting.pop(plot, None)
        self._fill(plot.view_key())
        if why is None:
            self._waiting[plot] = self.nothing(plot)
        note = self.reason(plot, why) if why is not None else self._waiting[plot]
        self._write_notes(self._reasons.told(plot, note))

    def _write_notes(self, notes: Mapping[type[Plot], str]) -> None:
        for plot, note in notes.items():
            if plot.form() == "figure":
                blank = empty_figure(plot.key, tr(plot.title), note, plot.link)
                self.view.set_figure(plot.key, blank)
            elif plot.form() == "table":
                self.tables[plot.key].set_table(Table((), (), note))
            else:
                self.controls.show_rows(plot, ())

    def reason(self, plot: type[Plot], why: BaseException) -> str:
        """Return what stands in a plot that cannot be drawn; the notice says it, too."""
        return tr_sentence(why)

    def nothing(self, plot: type[Plot]) -> str:
        """Return what stands in a plot that has nothing to show yet."""
        if self.context.store["selection"].active is None:
            return tr("Choose a matrix in Sources, or drop a file on the window.")
        return awaited(self.conductor, plot)

    def dim(self, plot: type[Plot], on: bool) -> None:
        """Lay a veil over a picture that has been behind for a while."""
        if plot.form() == "figure":
            self.view.plots[plot.key].set_dimmed(on)
        elif plot.form() == "rows":
            self.controls.readouts[plot.key].setEnabled(not on)
        else:
            self.tables[plot.key].setEnabled(not on)

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date."""
        view = self.conductor.view
        if changed is None:
            self._fill(view)
            self.view.set_lower(view)
        self._show_tabs(now, changed)
        self.controls.show_moment(now, view, changed)
        self._show_notice(now)
        for plot, said in self._waiting.items():
            if (note := self.nothing(plot)) != said:
                self._waiting[plot] = note
                self._write_notes(self._reasons.told(plot, note))

    def _show_tabs(self, now: Moment, changed: frozenset[Any] | None) -> None:
        for place, view in enumerate(self.page.views.values()):
            if view.when is not None and (changed is None or view.when in changed):
                found = now.look(view.when)
                usable = not isinstance(found, Missing) and bool(found)
                self.view.tabs.set_usable(place, usable, tr(view.why))

    def _show_notice(self, now: Moment) -> None:
        places = self.controls.places
        told = dict(self.remarks(now))
        general: list[Failure] = []
        for failure in self.conductor.failures():
            name = self.argument_of(failure.error)
            if name in places:
                told.setdefault(name, self.worded(failure.error, failure.member))
            else:
                general.append(failure)
        for name in {*told, *self._said}:
            self._say_at(name, told.get(name, ""))
        self.view.notice.set_notice(*self.notice(now, general))

    def remarks(self, now: Moment) -> Mapping[str, str]:
        """Return what is to be said at controls, by parameter, beside the errors about them."""
        return {}

    def argument_of(self, error: BaseException) -> str:
        """Return the parameter that an error is about, "" where it is about none."""
        return str(getattr(error, "argument", "") or "")

    def worded(self, error: BaseException, member: Any) -> str:
        """Return an error as it stands at a control; ``member``: of which of several."""
        return tr_sentence(error)

    def _say_at(self, name: str, text: str) -> None:
        if self._said.get(name, "") != text:
            self._said[name] = text
            self.controls.set_error(name, text)

    def notice(self, now: Moment, failures: list[Failure]) -> tuple[str, tuple[Button, ...]]:
        """Return what stands over the plots, and the buttons that answer it."""
        again = ("again", tr("Compute again"), tr("Start once more"))
        if failures:
            first = failures[0]
            return self.worded(first.error, first.member), remedies_of(first.error) or (again,)
        if self.conductor.is_stopped:
            text = tr("The computation was cancelled; what is shown may be incomplete.")
            return text, (again,)
        opened = filter(None, map(self.context.arrays.open, self.repaired()))
        said = in_a_row(*dict.fromkeys(map(repaired_sentence, opened)))
        if said and isinstance(now.look(Opened), Opened):
            keep = ("keep", tr("Take it back"), tr("Show the matrix as it is in the file"))
            return said, (keep,)
        return "", ()
