"""Checks of arguments that functions of every package take."""

from __future__ import annotations

import operator

from engine.errors import ArgumentError


def check_seed(seed: object) -> int:
    """Return the seed as a non-negative integer.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> check_seed(3)
    3
    """
    allowed = "a non-negative integer"
    try:
        number = operator.index(seed)  # type: ignore[arg-type]
    except TypeError as error:
        raise ArgumentError("seed", seed, allowed) from error
    if number < 0:
        raise ArgumentError("seed", seed, allowed)
    return number
