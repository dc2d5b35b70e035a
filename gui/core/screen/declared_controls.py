"""The controls of a page, made from its parameters; they display and emit, ``set_*`` emits nothing.

Top to bottom: what has no heading, the section of the lower view in front, the page's sections.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from gui.core.declare.answers import Missing
from gui.core.declare.edits import listed
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.records import Plot
from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.theme import Theme
from gui.core.widgets.controls import (
    ChoiceControl,
    ControlsPanel,
    ErrorLine,
    NumberControl,
    ReadoutTable,
    Section,
    ToggleControl,
    set_usable,
)
from gui.core.widgets.lists.check_list import CheckItem, FoldingList
from gui.core.widgets.lists.order_button import Orders
from gui.core.words.i18n import tr

FARTHEST = 1e9  # a slider has two ends


class DeclaredControls(ControlsPanel):
    """``edited(name, value)``: a person set a parameter; ``ticked(name, key, on)``: one of several.

    ``sealed`` ends a gesture.
    """

    edited = Signal(str, object)
    ticked = Signal(str, str, bool)
    sealed = Signal()

    def __init__(
        self,
        page: Page,
        theme: Theme,
        orders: Orders | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("{page} controls", page=tr(page.title)), parent)
        self._page, self._theme, self._orders = page, theme, orders
        self.numbers: dict[str, NumberControl] = {}
        self.choices: dict[str, ChoiceControl] = {}
        self.toggles: dict[str, ToggleControl] = {}
        self.lists: dict[str, FoldingList] = {}
        self._controls: dict[str, QWidget] = {}  # all of them
        self.readouts: dict[str, ReadoutTable] = {}
        self._listed: dict[str, Sequence[Any]] = {}
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._sections: dict[str, Section] = {}
        self._homes: dict[str, Section] = {}  # of parameters
        self._views: dict[tuple[str, ...], Section] = {}  # by the views beside which they stand
        self._errors: dict[str, ErrorLine] = {}
        self.tips: dict[str, QLabel] = {}  # of the choice in force, where each has one
        self._build()

    def _build(self) -> None:
        self._sections[""] = self.section("")
        shared = (one.views for one in self._page.parameters.values() if len(one.views) > 1)
        for views in (*((key,) for key in self._page.views), *dict.fromkeys(shared)):
            self._views[views] = self.section("")
            self._views[views].hide()
        for title in self._page.sections:
            self._sections[title] = self.section(tr(title))
        for one in self._page.parameters.values():
            if one.kind != "stored" and one.label:
                self._add(one)
        self._controls.update({**self.numbers, **self.choices, **self.toggles, **self.lists})
        for plot in self._page.plots:
            if plot.form() == "rows":
                table = self.readouts[plot.key] = ReadoutTable(tr(plot.title))
                table.hide()
                views = (plot.view_key(),) if plot.view is not None else ()
                self._section_of(views, plot.section).add(table)

    def _section_of(self, views: tuple[str, ...], section: str) -> Section:
        return self._views[views] if views else self._sections[section]

    def section_of(self, name: str) -> Section:
        """Return the section with this heading, or of this lower view."""
        return self._views[(name,)] if (name,) in self._views else self._sections[name]

    def add_place(self, name: str, section: str) -> None:
        """Add a place where sentences stand that are about ``name``, which has no control here."""
        self._errors[name] = ErrorLine()
        self.section_of(section).add(self._errors[name])

    @property
    def places(self) -> frozenset[str]:
        """Everything at which a sentence can stand."""
        return frozenset({*self.numbers, *self._errors})

    def _add(self, one: Parameter) -> None:
        section, tip = self._section_of(one.views, one.section), tr(one.tip)
        self._homes[one.name] = section
        if one.kind == "number":
            section.add(self._number(one, tip))
        elif one.kind == "choice":
            choice = self.choices[one.name] = ChoiceControl(tr(one.label), (), tooltip=tip)
            choice.edited.connect(lambda key: self._edit(one, key))
            section.add(choice)
            if not isinstance(one.choices, Mapping):
                tip_line = self.tips[one.name] = PlainLabel()
                tip_line.setWordWrap(True)
                tip_line.hide()
                section.add(tip_line)
        elif one.kind == "toggle":
            toggle = self.toggles[one.name] = ToggleControl(tr(one.label), tooltip=tip)
            toggle.edited.connect(lambda on: self._edit(one, bool(on)))
            section.add(toggle)
        else:
            several = FoldingList(tr(one.label), self._theme, one.fold, tr(one.more))
            if one.filed and self._orders is not None:
                several.offer_order(one.filed, self._orders)
            self.lists[one.name] = several
            several.edited.connect(lambda key, on: self._tick(one, key, on))
            section.add(several)
        if one.kind != "number":
            self._errors[one.name] = ErrorLine()
            section.add(self._errors[one.name])

    def _number(self, one: Parameter, tip: str) -> NumberControl:
        low = one.lower if not callable(one.lower) else 0.0
        high = one.upper if not callable(one.upper) else max(low + 1.0, 1.0)
        control = self.numbers[one.name] = NumberControl(
            tr(one.label),
            max(low, -FARTHEST),
            min(high, FARTHEST),
            integer=isinstance(one.default, int),
            log=one.log,
            step=one.step or None,
            tooltip=tip,
        )
        control.edited.connect(lambda value: self._edit(one, value))
        control.sealed.connect(self.sealed)
        return control

    # What a person does changes what a control shows: if it is refused, that is put right.

    def _edit(self, one: Parameter, value: Any) -> None:
        self._shown.pop(one.name, None)
        self.edited.emit(one.name, value)

    def _tick(self, one: Parameter, key: str, on: bool) -> None:
        self._shown.pop(one.name, None)
        self.ticked.emit(one.name, key, on)

    # -- showing ----------------------------------------------------------------------------

    def show_moment(self, now: Moment, view: str, changed: frozenset[Any] | None) -> None:
        """Show every parameter as it is in force; ``changed`` None: whatever it showed."""
        if changed is None:
            self._show_headings()
            self._show_beside(view)
        for one in self._page.controls_of(view):
            if changed is None or one in changed:
                self._show(one.name, one, now)

    def _show_beside(self, view: str) -> None:
        """Show what stands beside a lower view, under its title."""
        one = self._page.views.get(view)
        title = tr(one.title) if one is not None else ""
        for views, section in self._views.items():
            shown = view in views and not section.is_empty
            if shown:
                section.set_title(title)
                title = ""
            if section.isHidden() == shown:
                section.setVisible(shown)

    def _show(self, name: str, one: Parameter, now: Moment) -> None:
        value, shown = now.look(one), now.is_shown(one)
        if one.kind == "stored" or not one.label or isinstance(value, Missing):
            return
        bounds = now.bounds(one) if one.kind == "number" else listed(now, one)
        enabled = now.is_enabled(one)
        more = (now.is_whole(one), now.words(one.unit), getattr(now.state, name))
        said = (value, shown, enabled, bounds, more)
        if self._shown.get(name) == said:
            return
        self._shown[name] = said
        widget = self.control(name)
        if one.kind == "number":
            self._show_number(self.numbers[name], one, value, now)
        elif one.kind == "toggle":
            self.toggles[name].set_value(bool(value))
        elif one.kind == "choice":
            self._show_choice(name, value, bounds)
        else:
            self._show_list(name, value, bounds)
        if one.enabled is not None:
            set_usable(widget, enabled, tr(one.tip), tr(one.why))
        if widget.isHidden() == shown:
            widget.setVisible(shown)
            if one.section:  # a heading over nothing says nothing
                home = self._homes[one.name]
                home.setVisible(not home.is_blank)
        if name in self.tips:
            self._show_tip(self.tips[name], value, bounds if shown else ())

    def _show_number(
        self, control: NumberControl, one: Parameter, value: float, now: Moment
    ) -> None:
        low, high = now.bounds(one)
        shown_low, shown_high = control.limits()
        # A bound that is not known yet leaves the range as it was.
        low = min(shown_low, value) if math.isinf(low) else low
        high = max(shown_high, value) if math.isinf(high) else high
        # One position is no slider: it needs room to the next whole number.
        control.set_range(low, max(high, low + 1) if isinstance(one.default, int) else high)
        control.set_whole(now.is_whole(one))
        control.set_unit(now.words(one.unit))
        control.set_because(now.words(one.because))
        control.set_value(float(value))

    def _show_choice(self, name: str, value: str, rows: Sequence[Any]) -> None:
        control = self.choices[name]
        if self._listed.get(name) != rows:
            self._listed[name] = rows
            control.set_choices([(row.key, row.title) for row in rows])
        control.set_value(value)

    def _show_tip(self, line: QLabel, value: str, rows: Sequence[Any]) -> None:
        """Show the first line of the choice's tip; the rest is for those who point at it."""
        tip = next((row.tip for row in rows if row.key == value), "")
        first, _, rest = tip.partition("\n")
        line.setText(first)
        line.setToolTip(rest)
        line.setVisible(bool(first))

    def _show_list(self, name: str, value: Iterable[str], rows: Sequence[Any]) -> None:
        control = self.lists[name]
        if self._listed.get(name) != rows:
            self._listed[name] = rows
            control.set_items(
                CheckItem(row.key, row.short or row.title, row.color, row.dash, row.tip)
                for row in rows
            )
        control.set_value(value)

    def control(self, name: str) -> QWidget:
        """Return the control of a parameter."""
        return self._controls[name]

    def begin(self, name: str) -> None:
        """Put the keyboard into the control of a parameter."""
        control = self.control(name)
        self.ensureWidgetVisible(control)
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def name_at(self, widget: QWidget) -> str:
        """Return the parameter whose control a widget is, or is part of; "" for none."""
        for name, control in self._controls.items():
            if control is widget or control.isAncestorOf(widget):
                return name
        return ""

    def show_rows(self, plot: type[Plot], rows: Sequence[tuple[str, str, str]]) -> None:
        """Show the read-outs of a plot, (name, value, tip) each.

        A heading with nothing under it goes.
        """
        table = self.readouts[plot.key]
        table.set_rows(rows)
        if table.isHidden() == bool(rows):
            table.setVisible(bool(rows))
            self._show_headings()

    def _show_headings(self) -> None:
        for section in self._sections.values():
            section.setVisible(not section.is_blank)

    def error_of(self, name: str) -> str:
        """Return the sentence at a control, "" where there is none."""
        return self.numbers[name].error() if name in self.numbers else self._errors[name].text()

    def set_error(self, name: str, text: str) -> bool:
        """Show a sentence at a control; return whether there is one of that name."""
        if name in self.numbers:
            self.numbers[name].set_error(text)
        elif name in self._errors:
            self._errors[name].set_text(text)
        else:
            return False
        return True
