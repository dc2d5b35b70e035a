"""A page without a mistake, for the tests that seed one, and what must be said of each."""

from __future__ import annotations

from typing import Any

import pytest

from gui.core.declare.marks import answer_of, given
from gui.core.declare.page import Page
from gui.core.declare.records import DeclarationError, Plot, Step
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened


class Load(Step, key="loaded"):
    data: Opened = given(Opened)

    def run(self, progress: Any = None) -> list[int]:
        return [1]


def limit(loaded: list[int] = answer_of(Load)) -> int:
    return len(loaded)


def rows(loaded: list[int] = answer_of(Load)) -> tuple[str, ...]:
    return ("a", "b")


class Fine(Plot, key="p.fine", title="Fine"):
    loaded: list[int] = answer_of(Load)

    def figure(self) -> Figure:
        return Figure()


def draws(self) -> Figure:
    return Figure()


def page_of(*plots, shared=(), given=(Opened,)):
    return Page("p", "P", (Fine, *plots), shared, given=given)


def a_page_without_a_mistake():
    page_of()


class Mistakes(dict[str, tuple[Any, str]]):
    """Mistakes by name: who makes it, and what must be said of it."""

    def __call__(self, says):
        """Name what must be said of the mistake that the function makes."""

        def keep(make):
            self[make.__name__] = (make, says)
            return make

        return keep

    def check(self, name, module):
        """The mistake is told, with where it stands: module and line, or the page."""
        make, says = self[name]
        with pytest.raises(DeclarationError) as told:
            make()
        assert says in str(told.value)
        assert module in str(told.value) or "page 'p'" in str(told.value)
