"""A drawing with every text as it can be written to a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from gui.core.words.names import readable

T = TypeVar("T")


def legible(drawn: T) -> T:
    """Return a figure or table whose texts are readable (see `readable`), the same where they are.

    Examples
    --------
    >>> from gui.core.figure.figure import Figure
    >>> legible(Figure(key="a.b", title="spectr\\udce9")).title
    'spectr�'
    """
    found: Any = drawn
    if isinstance(drawn, str):
        found = "\n".join(readable(line) for line in drawn.split("\n"))
        return found if found != drawn else drawn
    if isinstance(drawn, tuple):
        found = tuple(legible(one) for one in drawn)
        return drawn if all(a is b for a, b in zip(drawn, found, strict=True)) else found
    if isinstance(drawn, Mapping):
        found = {legible(name): legible(value) for name, value in drawn.items()}
        return found if found != dict(drawn) else drawn
    if dataclasses.is_dataclass(drawn) and not isinstance(drawn, type):
        old = {one.name: getattr(drawn, one.name) for one in dataclasses.fields(drawn) if one.init}
        new = {name: legible(value) for name, value in old.items()}
        changed = {name: value for name, value in new.items() if value is not old[name]}
        return dataclasses.replace(drawn, **changed) if changed else drawn
    return drawn
