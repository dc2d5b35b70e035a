"""What the window answers to who has shown something: what is set, and its plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gui.core.declare.answers import Answers, Missing
from gui.core.declare.draw import DrawAlone
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.screen.plain_screen import given_of
from gui.core.screen.services import Context
from gui.core.state.document import DataRef, entry_title
from gui.core.state.session import encode
from gui.pages import PAGES
from gui.pages.sources.show.words import file_title
from gui.window.window import MainWindow


def declared(pages: Iterable[Page]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what pages and their parameters are called, and what these may be, as JSON holds it.

    What no control shows is none of it.
    """
    return {
        page.key: {
            one.name: {
                "kind": one.kind,
                "low": _fixed(one.lower),
                "high": _fixed(one.upper),
                "whole": isinstance(one.default, int),
                "choices": list(one.choices) if isinstance(one.choices, Mapping) else [],
                "least": one.at_least,
            }
            for one in page.parameters.values()
            if one.kind != "stored"
        }
        for page in pages
        if page.place == "centre"
    }


def _fixed(bound: Any) -> float | None:
    return None if callable(bound) or abs(bound) == float("inf") else float(bound)


def present(page: Page, context: Context, window: MainWindow) -> Moment:
    """Return a page as it is now, also one that nobody has seen yet."""
    from gui.core.screen.page_screen import PageScreen  # a start does not wait for plots

    screen = window.pages.get(page.key)
    if isinstance(screen, PageScreen):
        return screen.conductor.present()
    return Moment(page, context.store[page.key], given_of(page, context.arrays), Answers())


def state_of(context: Context, window: MainWindow) -> dict[str, Any]:
    """Return what is shown, and the parameters in force, as JSON holds it."""
    active = context.store["selection"].active
    found: dict[str, Any] = {
        "page": window.page_key,
        "array": "" if active is None else entry_title(active.path, active.entry),
        "shape": [] if active is None else _shape(active, context),
        "dtype": "" if active is None else active.dtype,
        "sources": [
            {"name": entry_title(file.path, entry.name), "from": file_title(file)}
            for file in context.store["files"].items
            for entry in file.entries
        ],
    }
    for page in PAGES:
        if page.place == "centre":
            now = present(page, context, window)
            values = ((name, _in_force(now, one)) for name, one in page.parameters.items())
            found[page.key] = {name: _plain(value) for name, value in values}
    return found


def _shape(active: DataRef, context: Context) -> list[int]:
    """Return the shape of an array, also where a slice of it is in front."""
    entries = (
        entry
        for file in context.store["files"].items
        for entry in file.entries
        if (file.path, entry.name) == (active.path, active.entry)
    )
    return list(next((entry.shape for entry in entries), active.shape))


def _in_force(now: Moment, one: Any) -> Any:
    value = now.look(one)
    return getattr(now.state, one.name) if isinstance(value, Missing) else value


def _plain(value: Any) -> Any:
    """Return numbers and texts as they are, and of everything else what a session keeps."""
    if hasattr(value, "tolist"):
        return value.tolist()
    encoded = encode(value)
    if isinstance(encoded, dict):
        return {name: _plain(one) for name, one in encoded.items()}
    if isinstance(encoded, list):
        return [_plain(one) for one in encoded]
    return (
        encoded if isinstance(encoded, (bool, int, float, str)) or encoded is None else str(value)
    )


def drawing_of(name: str, context: Context, window: MainWindow) -> DrawAlone:
    """Return what draws the plot that `rankscope render` calls so, as its page is now.

    Raises
    ------
    ValueError
        With a sentence, when there is none.
    """
    from gui.render import find

    page, plot = find(name)
    now = present(page, context, window)
    state = replace(now.state, **page.presets.get(name, {}))
    return DrawAlone(plot, Moment(page, state, now.given, now.answers.copy()))


def shown_already(one: DrawAlone, name: str, window: MainWindow) -> Any:
    """Return the figure on the screen, as zoomed, where it is that; None where it is not."""
    if name in one.now.page.presets:
        return None
    return next((figure for figure in window.figures() if figure.key == one.plot.key), None)
