"""What is typed after an option of ``rankscope render``, for ``RenderOption.parse``; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def whole_number(text: str) -> int:
    """Return the whole number typed.

    Examples
    --------
    >>> whole_number("1e3")
    1000
    """
    value = float(text)
    if not value.is_integer():  # infinities and NaN are none
        raise ValueError(f"{text} is not a whole number")
    return int(value)


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """Return a parser that takes one of ``choices``.

    Examples
    --------
    >>> one_of(("sigma", "energy"))("energy")
    'energy'
    """

    def parse(text: str) -> str:
        if text not in choices:
            listed = ", ".join(choices)
            raise ValueError(f"{text} is not one of {listed}")
        return text

    return parse
