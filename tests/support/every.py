"""What the tests over the registry of pages share: every plot, and the ends of every parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.files import example_source, memory_source
from gui.core.declare.edits import listed
from gui.core.declare.moment import Moment
from gui.core.declare.parameter import Parameter
from gui.draw import given_of, opened_from
from gui.pages import PAGES

EXAMPLES = tuple(entry.name for entry in example_source().entries)
PLOTS = tuple((page, plot) for page in PAGES for plot in page.plots)


def plots(form: str = "") -> list[Any]:
    """Return pytest parameters (page, plot), called by the key of the plot; of a form, or all."""
    found = ((page, plot) for page, plot in PLOTS if form in ("", plot.form()))
    return [_named((page, plot), plot.key) for page, plot in found]


def parameters() -> list[Any]:
    """Return pytest parameters (page, plot, parameter) of all that an option can set.

    The colours of pictures are all made alike: those of the first picture of a page are enough.
    """
    first: dict[Any, Any] = {}
    for page, plot in PLOTS:
        if any(one.panel for one in page.of_plot(plot)):
            first.setdefault(page, plot)
    return [
        _named((page, plot, one), f"{plot.key}-{one.name}")
        for page, plot in PLOTS
        for one in page.of_plot(plot)
        if one.kind != "stored" and (not one.panel or plot is first[page])
    ]


def _named(values: tuple[Any, ...], name: str) -> Any:
    import pytest

    return pytest.param(*values, id=name)


def example(name: str) -> Mapping[type, Any]:
    """Return what the pages are given while an example is selected."""
    return given_of(opened_from(example_source(), name))


def small() -> Mapping[type, Any]:
    """Return what the pages are given while a small matrix is selected, and another to multiply."""
    rng = np.random.default_rng(3)
    source = memory_source({"small": rng.normal(size=(9, 7)), "other": rng.normal(size=(7, 5))})
    return given_of(opened_from(source, "small"), opened_from(source, "other"))


def ends(one: Parameter, now: Moment) -> Iterator[Any]:
    """Yield the least and the largest number, on and off, every choice, as few and as many."""
    if one.kind == "number":
        bounds = now.bounds(one)
        yield from (type(one.default)(bound) for bound in bounds if math.isfinite(bound))
    elif one.kind == "toggle":
        yield from (False, True)
    elif one.kind != "stored":
        keys = tuple(offer.key for offer in listed(now, one))
        yield from keys if one.kind == "choice" else (keys[: one.at_least], keys)


def typed(value: Any) -> str:
    """Return a value as a person types it after an option."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def of_array(array: Any) -> Mapping[type, Any]:
    """Return what a page is given where one array is open."""
    return given_of(opened_from(memory_source({"m": array})))
