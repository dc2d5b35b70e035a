"""Checks of arguments that functions of every package take."""

from __future__ import annotations

import math
import operator

import numpy as np

from engine.errors import ArgumentError


def as_number(name: str, value: object, allowed: str) -> float:
    """Return a real number of any type as a float; NaN and infinity are for the caller to judge.

    Raises
    ------
    ArgumentError
        If it is no number: a text, a truth value, an array of more than one.

    Examples
    --------
    >>> as_number("tau", np.float32(0.5), "a positive number")
    0.5
    """
    if isinstance(value, (bool, np.bool_)):
        raise ArgumentError(name, value, allowed)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, (int, float, np.integer, np.floating)):
        raise ArgumentError(name, value, allowed)
    try:
        return float(value)
    except OverflowError as error:
        raise ArgumentError(name, value, allowed) from error


def check_scale(name: str, value: object) -> float:
    """Return a positive finite number: a temperature, a deviation.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> check_scale("noise", 2)
    2.0
    """
    allowed = "a positive finite number"
    number = as_number(name, value, allowed)
    if not 0.0 < number < math.inf:
        raise ArgumentError(name, value, allowed)
    return number


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
