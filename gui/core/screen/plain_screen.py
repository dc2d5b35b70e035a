"""What a page offers the window, and a page without plots, such as the tree of sources."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from gui.core.declare.command import Entry
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.pictures import Picture
from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.screen.later import Later
from gui.core.screen.services import Context
from gui.core.state.document import Arrays, Opened
from gui.core.work.conductor import Conductor


class PageObject(Protocol):
    """What the window asks of a page."""

    @property
    def widget(self) -> QWidget:
        """The plots (centre) or the dock's content."""
        ...

    @property
    def controls(self) -> QWidget | None:
        """The widget for the controls dock, None where the page has none."""
        ...

    @property
    def is_at_rest(self) -> bool:
        """Whether everything is drawn as it is now."""
        ...

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen now, as zoomed, the focused one first."""
        ...

    def summary(self) -> str:
        """Return one line for the status bar: what is shown."""
        ...

    def call(self) -> str:
        """Return the call that repeats the focused plot."""
        ...

    def commands(self) -> tuple[Entry, ...]:
        """Return what the search offers of this page."""
        ...

    def shutdown(self) -> None:
        """Drop pending results; called before the window is destroyed."""
        ...


@runtime_checkable
class ShowsViews(Protocol):
    """A page with lower views."""

    def show_view(self, view: str, control: str = "") -> None:
        """Bring a lower view to the front, and the keyboard into a control."""
        ...


def given_of(page: Page, arrays: Arrays) -> dict[type, Any]:
    """Return what comes from outside for a page: the selected array, all arrays at hand."""
    found: dict[type, Any] = {}
    if Opened in page.given and (data := arrays.selected):
        found[Opened] = data
    if Arrays in page.given:
        found[Arrays] = arrays
    return found


class PlainScreen:
    """A page that shows something else than plots; a page derives and writes `tell`."""

    widget: QWidget

    def __init__(self, page: Page, context: Context) -> None:
        self.page, self.context = page, context
        self._later = Later(self.widget)
        self.conductor = Conductor(
            page, context.store, context.runner, self.given, self, self._later, time.monotonic
        )
        context.library.listen(self._when_opened)

    def given(self) -> Mapping[type, Any]:
        """Return what the page is given now, by kind."""
        return given_of(self.page, self.context.arrays)

    def _when_opened(self, _path: str) -> None:
        self.conductor.update()

    def is_visible(self) -> bool:
        """Whether a person sees the page; what costs nothing is kept up to date anyway."""
        return True

    def show(self, plot: type[Plot], picture: Picture) -> None:
        """Draw a picture; there is none."""

    def blank(self, plot: type[Plot], why: BaseException | None) -> None:
        """Show nothing in a plot; there is none."""

    def dim(self, plot: type[Plot], on: bool) -> None:
        """Say that a picture is behind; there is none."""

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring what is shown up to date."""
        raise NotImplementedError

    @property
    def is_at_rest(self) -> bool:
        """Whether everything is drawn; nothing is."""
        return True

    def figures(self) -> tuple[Figure, ...]:
        """Return no figures."""
        return ()

    def call(self) -> str:
        """Return no call."""
        return ""

    def shutdown(self) -> None:
        """Drop what is pending and let go of the store."""
        self._later.stop()
        self.context.library.leave(self._when_opened)
        self.conductor.shutdown()
