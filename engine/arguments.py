"""Checks of arguments that functions of every package take."""

from __future__ import annotations

import math
import operator

import numpy as np

from engine.errors import ArgumentError


def real_number(value: object) -> float | None:
    """Return a real number of any type as a float, None for what is no number.

    That is a text, a truth value, an array of more than one, an integer beyond all floats; NaN and
    infinity are for the caller to judge.

    Examples
    --------
    >>> real_number(np.float32(0.5)), real_number("0.5"), real_number(True)
    (0.5, None, None)
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)):
        return None
    if not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def as_number(name: str, value: object, allowed: str) -> float:
    """Return `real_number` of an argument.

    Raises
    ------
    ArgumentError
        If it is no number.

    Examples
    --------
    >>> as_number("tau", np.float32(0.5), "a positive number")
    0.5
    """
    number = real_number(value)
    if number is None:
        raise ArgumentError(name, value, allowed)
    return number


def number_within(name: str, value: object, low: float, high: float, allowed: str) -> float:
    """Return a number in [low, high]; ``allowed`` is what a refusal says it must be.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> number_within("share", np.float32(0.5), 0.0, 1.0, "a number in [0, 1]")
    0.5
    """
    number = as_number(name, value, allowed)
    if not low <= number <= high:
        raise ArgumentError(name, value, allowed)
    return number


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
    return check_count("seed", seed)


def check_count(name: str, value: object, allowed: str = "a non-negative integer") -> int:
    """Return a non-negative integer; ``allowed`` is what a refusal says it must be.

    Raises
    ------
    ArgumentError
        If it is anything else.

    Examples
    --------
    >>> check_count("limit", 3)
    3
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError as error:
        raise ArgumentError(name, value, allowed) from error
    if number < 0:
        raise ArgumentError(name, value, allowed)
    return number
