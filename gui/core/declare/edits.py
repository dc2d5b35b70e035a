"""What follows from setting a parameter, and what a state from outside may hold."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Offer, Parameter
from gui.core.words.i18n import tr


def edited(page: Page, now: Moment, one: Parameter, value: Any) -> dict[str, Any]:
    """Return the fields that change when a person sets ``one``.

    A follower that is set lets go of its lead; one that is released keeps the value it had.
    """
    fields: dict[str, Any] = {one.name: clean(one, value)}
    if one.follows is not None and getattr(now.state, one.follows[0].name):
        fields[one.follows[0].name] = False
    for other in page.parameters.values():
        if other.follows is not None and other.follows[0] is one and not value:
            held = now.look(other)
            if not isinstance(held, Missing):
                fields[other.name] = held
    return fields


def listed(now: Moment, one: Parameter) -> tuple[Offer, ...]:
    """Return the choices there are now; empty before they are known."""
    if isinstance(one.choices, Mapping):
        titles = one.choices.items()
        return tuple(Offer(key, tr(title), tr(one.tips.get(key, ""))) for key, title in titles)
    found = now.look(one.choices)
    return () if isinstance(found, Missing) else tuple(found)


def ticked(now: Moment, one: Parameter, key: str, on: bool) -> tuple[str, ...]:
    """Return what ``one`` holds after ``key`` was ticked or not; as many stay as have to.

    They stand in the order in which they are listed.
    """
    held = getattr(now.state, one.name)
    chosen = {*held, key} if on else set(held) - {key}
    keys = [offer.key for offer in listed(now, one)] or [*held, key]
    value = tuple(dict.fromkeys(key for key in keys if key in chosen))
    return value if len(value) >= one.at_least else tuple(held)


def clean(one: Parameter, value: Any) -> Any:
    """Return ``value`` within what ``one`` allows whatever the data; its default where it is none.

    Bounds that depend on the data limit what is in force, never what was asked for.
    """
    if one.clean is not None:
        return one.clean(value)
    if one.kind == "number":
        return _number(one, value)
    if one.kind == "choice" and isinstance(one.choices, Mapping):
        return value if value in one.choices else one.default
    if one.kind == "many" and isinstance(one.choices, Mapping):
        kept = tuple(key for key in one.choices if key in value)
        return kept if len(kept) >= one.at_least else one.default
    return value


def _number(one: Parameter, value: Any) -> Any:
    if not math.isfinite(value):
        return one.default
    low = one.lower if not callable(one.lower) else -math.inf
    high = one.upper if not callable(one.upper) else math.inf
    value = min(max(value, low), high)
    return round(value) if isinstance(one.default, int) else float(value)


def cleaned(page: Page, state: Any) -> Any:
    """Return the slice of a session file or a picture with every parameter as it may be.

    One that is not saved has its default, whatever the file says.
    """
    mended = {
        name: clean(one, getattr(state, name)) if one.saved else one.default
        for name, one in page.parameters.items()
    }
    return dataclasses.replace(state, **mended)
