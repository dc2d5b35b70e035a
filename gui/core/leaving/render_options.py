"""What is typed after an option of ``rankscope render``, for ``RenderOption.parse``; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gui.core.words.i18n import tr


def number(text: str) -> float:
    """Return the number typed.

    Examples
    --------
    >>> number("1e3")
    1000.0
    """
    try:
        return float(text)
    except ValueError:
        words = tr("could not convert string to float: {text}", text=repr(text))
        raise ValueError(words) from None


def whole_number(text: str) -> int:
    """Return the whole number typed.

    Examples
    --------
    >>> whole_number("1e3")
    1000
    """
    value = number(text)
    if not value.is_integer():  # infinities and NaN are none
        raise ValueError(tr("{text} is not a whole number", text=text))
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
            raise ValueError(tr("{text} is not one of {choices}", text=text, choices=listed))
        return text

    return parse
