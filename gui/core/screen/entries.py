"""What the search offers of a page: its parameters, its buttons, the colours of its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton

from gui.core.declare.command import Entry
from gui.core.declare.edits import listed
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.screen.declared_controls import DeclaredControls
from gui.core.widgets.page_view import PlotsView
from gui.core.words.i18n import tr, without_mnemonic
from gui.core.work.conductor import Conductor


def page_entries(
    conductor: Conductor, controls: DeclaredControls, view: PlotsView
) -> Iterator[Entry]:
    """Yield an entry for everything that can be done now: set, press, colour."""
    yield from parameter_entries(conductor, controls)
    yield from button_entries(conductor.page, controls)
    yield from colour_entries(conductor.page, view)


def parameter_entries(conductor: Conductor, controls: DeclaredControls) -> Iterator[Entry]:
    """Yield what each parameter offered now is for: a number is gone to, a choice, too, or made."""
    now, page = conductor.present(), conductor.page
    title, view = tr(page.title), conductor.view
    for name, one in page.parameters.items():
        if not one.label or not one.stands_beside(view) or not now.is_shown(one):
            continue
        label = without_mnemonic(tr(one.label))
        if one.kind == "number":
            words = tr("Set {name}…", name=label)
            yield Entry(words, title, partial(controls.begin, name), words=name, key=name)
        elif one.kind == "toggle":
            on = bool(now.look(one))
            flip = partial(conductor.edit, name, not on)
            yield Entry(label, title, flip, words=name, checked=on, key=name)
        elif one.kind in ("choice", "many"):
            if one.kind == "choice" and now.is_enabled(one):
                words = tr("Choose {name}…", name=label)
                yield Entry(words, title, partial(controls.begin, name), words=name, key=name)
            yield from _offers(conductor, one, label, now)


def button_entries(page: Page, controls: DeclaredControls) -> Iterator[Entry]:
    """Yield an entry for each button that can be pressed now, of its menu one for each line."""
    title = tr(page.title)
    for button in controls.findChildren(QPushButton):
        if not (button.isVisibleTo(controls) and button.isEnabled()):
            continue
        name = button.accessibleName() or without_mnemonic(button.text())
        if menu := button.menu():
            for action in menu.actions():
                words = f"{name}: {without_mnemonic(action.text())}"
                yield Entry(words, title, action.trigger, key=words)
        elif name:
            yield Entry(name, title, button.click, key=name)


def colour_entries(page: Page, view: PlotsView) -> Iterator[Entry]:
    """Yield an entry for each picture in sight: it opens its colours and levels."""
    for plot in page.plots:
        shown = view.plots.get(plot.key)
        if shown is not None and shown.isVisible() and not shown.button("colours").isHidden():
            words = tr("Colours and levels: {plot}", plot=tr(plot.title))
            yield Entry(words, tr(page.title), partial(view.open_colours, plot.key), key=plot.key)


def _offers(conductor: Conductor, one: Parameter, label: str, now: Moment) -> Iterator[Entry]:
    several = one.kind == "many"
    held: Any = getattr(now.state, one.name) if several else (now.look(one),)
    for offer in listed(now, one):
        on = offer.key in held
        choose = partial(conductor.edit, one.name, offer.key)
        if several:
            choose = partial(conductor.tick, one.name, offer.key, not on)
        key = f"{one.name}={offer.key}"
        yield Entry(offer.title, label, choose, words=offer.key, checked=on, key=key)
