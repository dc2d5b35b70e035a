"""Draws the figures of a page only where something has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.core.figure.figure import Figure
from gui.core.widgets.page_view import PlotsView


class FigureDrawer:
    """Remembers per plot what its figure was made of; equal parts are not drawn again."""

    def __init__(self, view: PlotsView) -> None:
        self._view = view
        self._drawn: dict[str, tuple[Any, ...]] = {}

    def show(self, key: str, parts: tuple[Any, ...], build: Callable[[], Figure]) -> None:
        """Draw ``build()`` in the plot ``key`` if ``parts`` are not those drawn last."""
        if self._drawn.get(key) != parts:
            self._drawn[key] = parts
            self._view.set_figure(key, build())

    def forget(self, key: str) -> None:
        """Draw the plot ``key`` the next time, whatever it is made of."""
        self._drawn.pop(key, None)
