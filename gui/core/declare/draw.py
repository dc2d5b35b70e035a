"""A plot drawn without a window: the same records, computed at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from gui.core.declare.answers import Answers, Members
from gui.core.declare.edits import clean, listed
from gui.core.declare.moment import Missing, Moment, WholeMoment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.pictures import Picture, in_words, picture_of
from gui.core.declare.records import Plot, near, needs
from gui.core.words.i18n import tr


class UnknownName(ValueError):
    """A plot or a parameter that there is none of; the sentence says which there are."""

    for_people = True


class NotAllowed(ValueError):
    """A value that a parameter cannot have of these data; the sentence says which it can."""

    for_people = True


class NothingThere(ValueError):
    """What a plot needs was not given: an array of another shape, a second array."""

    for_people = True


def moment_of(page: Page, given: Mapping[type, Any], values: Mapping[str, Any]) -> Moment:
    """Return the moment of ``page`` with parameters set to ``values``, which computes at once.

    Raises
    ------
    UnknownName
        When the page has no parameter of a name.
    """
    state = page.state()
    fields = {}
    for name, value in values.items():
        one = page.parameters.get(name)
        if one is None:
            names = sorted(page.parameters)
            words = tr("The page {page} has no parameter {name}{near}.")
            raise UnknownName(words.format(page=page.key, name=repr(name), near=near(name, names)))
        fields[name] = clean(one, value)
        # A follower that is set lets go of its lead.
        if one.follows is not None and one.follows[0].name not in values:
            fields[one.follows[0].name] = False
    return WholeMoment(page, dataclasses.replace(state, **fields), given, Answers())


def draw_plot(
    page: Page, key: str, given: Mapping[type, Any], values: Mapping[str, Any]
) -> Picture:
    """Return the picture of one plot.

    Raises
    ------
    UnknownName
        When there is no such plot or parameter.
    NotAllowed
        When the data allow no such value: in the window what is asked for is limited instead.
    NothingThere
        When something that it needs was not given.
    Exception
        What a step refuses with.
    """
    plot = page.plot(key)
    if plot is None:
        names = [one.key for one in page.plots]
        words = tr("The page {page} has no plot {name}{near}.")
        raise UnknownName(words.format(page=page.key, name=repr(key), near=near(key, names)))
    now = moment_of(page, given, values)
    for one in page.of_plot(plot):
        if one.name in values and (allowed := _refusal(now, one, values[one.name])):
            words = tr("{name} = {value} is not allowed: it must be {allowed}.")
            shown = in_words(values[one.name])
            raise NotAllowed(words.format(name=one.name, value=shown, allowed=allowed))
    return picture_at(plot, now)


def _refusal(now: Moment, one: Parameter, value: Any) -> str:
    """Return what is allowed in place of ``value``, "" where that is."""
    if one.kind == "number":
        low, high = now.bounds(one)
        words = tr("a number from {low:g} to {high:g}", low=low, high=high)
        return "" if low <= value <= high else words
    if one.kind not in ("choice", "many"):
        return ""
    keys = [offer.key for offer in listed(now, one)]
    asked = value if one.kind == "many" else (value,)
    wrong = [key for key in asked if key not in keys]
    return ", ".join(keys) + near(wrong[0], keys) if keys and wrong else ""


def picture_at(plot: type[Plot], now: Moment) -> Picture:
    """Return the picture of a plot at a moment that computes at once; raise as `draw_plot`."""
    made = now.plot(plot)
    if isinstance(made, Missing):
        if made.why is not None:
            raise made.why
        raise NothingThere(tr("Nothing was given that “{plot}” could show.", plot=tr(plot.title)))
    for need in needs(plot):
        answers = getattr(made, need.field)
        if isinstance(answers, Members) and answers.errors and not answers:
            raise next(iter(answers.errors.values()))
    return picture_of(made, now)
