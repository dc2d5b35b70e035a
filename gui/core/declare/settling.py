"""Parameters that belong to an array: they follow the selection, in the very step that moves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gui.core.declare.page import Page
from gui.core.state.document import DataRef
from gui.core.state.remembered import swapped
from gui.core.state.store import Settle, State


def settling(pages: Iterable[Page]) -> Settle:
    """Return what a store is made with: it adds to a step that selects another array.

    The array left keeps its rank and k; the one chosen gets those it had, or the defaults.
    """
    pages_of = {page.key: page for page in pages if _names(page)}
    owners = {key: _names(page) for key, page in pages_of.items()}
    defaults = {key: page.state() for key, page in pages_of.items()}

    def settle(state: State, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        old = state["selection"].active
        new = changes.get("selection", {}).get("active", old)
        if new is old or new == old:
            return {}
        return {
            key: swapped(state[key], names, _suited(pages_of[key], defaults[key], new), old, new)
            for key, names in owners.items()
        }

    return settle


def _suited(page: Page, defaults: Any, ref: DataRef | None) -> Any:
    """Return the defaults as they suit the shape of an array."""
    if ref is None:
        return defaults
    made = {
        name: type(one.default)(one.suits(ref.shape))
        for name, one in page.parameters.items()
        if one.suits is not None
    }
    return replace(defaults, **made) if made else defaults


def _names(page: Page) -> tuple[str, ...]:
    return tuple(name for name, one in page.parameters.items() if one.per_array)
