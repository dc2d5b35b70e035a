"""The options of ``rankscope render``, read off the parameters that a plot depends on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter, Shorthand
from gui.core.declare.records import Plot
from gui.core.words.i18n import tr, without_mnemonic
from gui.core.words.names import near
from gui.core.words.numbers import number_complaint, parse_number, readings


class BadOption(ValueError):
    """What was typed after an option is not what it takes."""

    for_people = True


def options(page: Page, plot: type[Plot]) -> dict[str, Parameter]:
    """Return the options of a plot by name: the parameters that it depends on."""
    found = ((one.option_name, one) for one in page.of_plot(plot))
    return {name: one for name, one in found if name}


def shorthands(page: Page, plot: type[Plot]) -> tuple[Shorthand, ...]:
    """Return the options of a plot that set several parameters, all of which it depends on."""
    mine = {one.name for one in page.of_plot(plot)}
    return tuple(one for one in page.shorthands if one.parameters <= mine)


def spelled_out(page: Page, one: Shorthand, text: str) -> dict[str, Any]:
    """Return the parameters that a shorthand sets, with what was typed after it."""
    if not one.typed:
        return dict(one.sets)
    return {**one.sets, one.typed: parsed(page.parameters[one.typed], text, one.name)}


def help_of(one: Parameter) -> str:
    """Return what ``--help`` says of a parameter: what it is, what it may be, what it is now."""
    words = tr(one.tip) or without_mnemonic(tr(one.label)) or tr(one.undo)
    if one.kind in ("choice", "many") and isinstance(one.choices, Mapping):
        words = f"{words}: {', '.join(one.choices)}"
    return f"{words} [{default_of(one)}]"


def default_of(one: Parameter) -> str:
    """Return the default as it would be typed."""
    if one.kind == "toggle":
        return "yes" if one.default else "no"
    if one.kind == "many":
        return ",".join(one.default)
    return f"{one.default:g}" if one.kind == "number" else str(one.default)


def parsed(one: Parameter, text: str, option: str = "") -> Any:
    """Return what was typed after an option, its own or the shorthand ``option``.

    Raises
    ------
    BadOption
        With a sentence that says what is allowed.

    Examples
    --------
    >>> from gui.core.declare.parameter import Parameter
    >>> parsed(Parameter("number", 8, whole=True, lower=0, upper=99, name="rank"), "1e1")
    10
    """
    if one.kind == "toggle":
        return _switch(one, text)
    if one.kind == "number":
        return _number(one, text, option or one.option_name)
    if one.kind == "many":
        words = (word.strip() for word in text.replace(" ", ",").split(","))
        return tuple(_key(one, word) for word in words if word)
    return _key(one, text)


def _switch(one: Parameter, text: str) -> bool:
    word = text.strip().casefold()
    if word in ("yes", "on", "true", "1"):
        return True
    if word in ("no", "off", "false", "0"):
        return False
    raise BadOption(_refusal(one.option_name, text, tr("yes or no")))


def _number(one: Parameter, text: str, option: str) -> float:
    value, whole = parse_number(text), isinstance(one.default, int)
    if len(readings(text)) > 1:
        raise BadOption(f"--{option}: {number_complaint(text)}")
    if value is None or not math.isfinite(value) or (whole and value != round(value)):
        allowed = tr("a whole number") if whole else tr("a number")
        raise BadOption(_refusal(option, text, allowed))
    value = round(value) if whole else value
    low = one.lower if not callable(one.lower) else -float("inf")
    high = one.upper if not callable(one.upper) else float("inf")
    if not low <= value <= high:
        words = tr("a number from {low:g} to {high:g}", low=low, high=high)
        raise BadOption(_refusal(option, text, words))
    return value


def _key(one: Parameter, text: str) -> str:
    known = list(one.choices) if isinstance(one.choices, Mapping) else []
    # Dashes are typed more readily than underscores.
    word = text if text in known or not known else text.replace("-", "_")
    if known and word not in known:
        allowed = ", ".join(known) + near(word, known)
        raise BadOption(_refusal(one.option_name, text, allowed))
    return word


def _refusal(option: str, text: str, allowed: str) -> str:
    words = tr("--{option} {text} is not allowed: it must be {allowed}.")
    return words.format(option=option, text=text, allowed=allowed)
