"""What a page is: one record in ``gui.pages.PAGES`` and one object while the window lives.

The record is importable without Qt, so that ``rankscope render`` works without a display.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from gui.core.declare.draw import draw_plot
from gui.core.declare.edits import cleaned
from gui.core.declare.entries import Entry
from gui.core.declare.options import help_of, options, parsed
from gui.core.declare.page import Page as DeclaredPage
from gui.core.figure.figure import Figure
from gui.core.state.document import Arrays, DataRef, Files, Opened, Selection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.core.screen.services import Context


@dataclass(frozen=True)
class RenderOption:
    """A command-line option of a figure: ``--NAME VALUE``, or a switch when ``parse`` is None.

    ``parse`` turns the typed text into the value and raises ValueError with a sentence; the
    option is absent from the mapping handed to ``build`` when it was not given.
    """

    name: str
    help: str
    parse: Callable[[str], Any] | None = str


@dataclass(frozen=True)
class RenderSpec:
    """A figure that ``rankscope render --figure KEY`` can make without a display.

    ``build(source, ref, options)`` gets the engine source, the chosen DataRef and the options
    given (by name, dashes as underscores) and returns the Figure. Options of the same name in
    several figures mean the same thing.
    """

    key: str
    title: str
    build: Callable[[Any, DataRef, Mapping[str, Any]], Figure]
    options: tuple[RenderOption, ...] = ()


@dataclass(frozen=True)
class PageSpec:
    """One page of the window.

    Parameters
    ----------
    key : str
        Slice name in the store and folder name under ``gui/pages``.
    title : str
        English title; shown through ``tr``.
    initial_state : callable
        Makes the frozen first state of the slice.
    build : callable
        ``build(context) -> Page``; imports Qt only when called.
    place : "centre" or "dock"
        A tab in the centre, or a dock at the left.
    cleaned : callable
        ``cleaned(state)`` returns the slice of a session file with every number in its range.
    renders : callable
        ``renders()`` returns what the command line can draw, a tuple of RenderSpec; a window
        never asks, so it does not wait for these imports.
    """

    key: str
    title: str
    initial_state: Callable[[], Any]
    build: Callable[[Context], Page]
    place: Literal["centre", "dock"] = "centre"
    renders: Callable[[], tuple[RenderSpec, ...]] = tuple
    cleaned: Callable[[Any], Any] = lambda state: state


class Page(Protocol):
    """What a page's controller offers the window."""

    @property
    def widget(self) -> QWidget:
        """The plots (centre) or the dock's content."""
        ...

    @property
    def controls(self) -> QWidget | None:
        """The widget for the controls dock, None where the page has none."""
        ...

    def figures(self) -> tuple[Figure, ...]:
        """The figures on screen now, as zoomed, the focused one first."""
        ...

    def summary(self) -> str:
        """One line for the status bar: what is shown."""
        ...

    def call(self) -> str:
        """The call that repeats the focused plot."""
        ...

    def commands(self) -> tuple[Entry, ...]:
        """What the command palette offers of this page, besides its menu entry."""
        ...

    def shutdown(self) -> None:
        """Drop pending results; called before the window is destroyed."""
        ...


def unloaded_modules(spec: PageSpec) -> tuple[str, ...]:
    """Return the modules of a page's folder that its window needs and that are not imported yet.

    Controllers import the others, hence come last.
    """
    package = sys.modules[spec.build.__module__]
    found = [one.name for one in pkgutil.iter_modules(getattr(package, "__path__", ()))]
    found.sort(key=lambda name: (name.endswith("controller"), name))
    names = (f"{package.__name__}.{name}" for name in found if name != "render")
    return tuple(name for name in names if name not in sys.modules)


def spec_of(page: DeclaredPage) -> PageSpec:
    """Return a declared page as the window knows pages until all of them are declared."""

    def build(context: Context) -> Page:
        built: Page = importlib.import_module("gui.window.screens").build_screen(page, context)
        return built

    def renders() -> tuple[RenderSpec, ...]:
        return tuple(_render_of(page, name, key) for name, key in page.aliases.items())

    return PageSpec(
        page.key,
        page.title,
        page.state,
        build,
        page.place,
        renders,
        lambda state: cleaned(page, state),
    )


def _render_of(page: DeclaredPage, name: str, key: str) -> RenderSpec:
    plot = page.plot(key)
    assert plot is not None
    found = options(page, plot)

    def build(source: Any, ref: DataRef, given: Mapping[str, Any]) -> Figure:
        named = {name.replace("-", "_"): one.name for name, one in found.items()}
        values = {named[name]: value for name, value in given.items()}
        opened = Opened(ref, source)
        things = {Opened: opened, Arrays: Arrays(Files(), Selection(ref), ((ref.path, source),))}
        figure = draw_plot(page, key, things, values).figure
        assert figure is not None
        return figure

    return RenderSpec(
        name,
        plot.title,
        build,
        tuple(
            RenderOption(name, help_of(one), functools.partial(parsed, one))
            for name, one in found.items()
        ),
    )
