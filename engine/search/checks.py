"""Checks of arguments that several functions of search take."""

from __future__ import annotations

from collections.abc import Iterable

from engine.arguments import check_count, number_within
from engine.errors import ArgumentError
from engine.sentences import say


def check_text(name: str, value: object) -> str:
    """Return a text.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> check_text("title", "Low rank")
    'Low rank'
    """
    if not isinstance(value, str):
        raise ArgumentError(name, value, "a text")
    return value


def check_limit(limit: object) -> int | None:
    """Return how many are wanted, None for all.

    Raises
    ------
    ArgumentError
        If it is neither None nor a non-negative integer.

    Examples
    --------
    >>> check_limit(3)
    3
    """
    if limit is None:
        return None
    return check_count("limit", limit, "a non-negative integer or None")


def check_texts(name: str, values: object) -> list[str]:
    """Return a list of texts; a single text is no list.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> check_texts("kinds", ("note", "operator"))
    ['note', 'operator']
    """
    found = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else None
    if found is None or not all(isinstance(value, str) for value in found):
        raise ArgumentError(name, values if found is None else found, "a list of texts")
    return found


def from_zero(name: str, value: object, high: float) -> float:
    """Return a number in [0, high].

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> from_zero("b", 0.75, 1.0)
    0.75
    """
    allowed = say("a number in [0, {high}]", high=f"{high:g}")
    return number_within(name, value, 0.0, high, allowed)


def chosen(argument: str, names: str | Iterable[str] | None) -> set[str] | None:
    """Return names as a set, a text being one; None stays None.

    Examples
    --------
    >>> chosen("kinds", "note"), chosen("kinds", None)
    ({'note'}, None)
    """
    if names is None:
        return None
    return {names} if isinstance(names, str) else set(check_texts(argument, names))
