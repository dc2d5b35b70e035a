"""What a plug-in's own code may do wrong, as an error that names it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.errors import RankscopeError
from engine.jobs import Cancelled
from engine.sentences import Sentence, as_sentence, say

__all__ = ["ContainedObject", "PluginError", "contained", "containing", "reason_of"]

# What is nobody's mistake, or told to people already.
_PASSED = (RankscopeError, Cancelled, MemoryError, KeyboardInterrupt)


class PluginError(RankscopeError):
    """A plug-in failed; the sentence names it and what it raised."""


def reason_of(error: BaseException) -> Sentence:
    """Return what was raised as a sentence.

    Examples
    --------
    >>> print(reason_of(SystemExit(3)))
    SystemExit: 3
    """
    if isinstance(error, RankscopeError):
        return error.sentence
    try:
        text = " ".join(str(error).split())
    except Exception:  # of a stranger's error
        text = ""
    kind = type(error).__name__
    return as_sentence(f"{kind}: {text[:300]}" if text else kind)


@contextmanager
def containing(who: str) -> Iterator[None]:
    """Raise whatever the code of plug-in ``who`` raises, SystemExit too, as a `PluginError`."""
    try:
        yield
    except _PASSED:
        raise
    except BaseException as error:
        said = say(
            "The plug-in {who} failed: {reason}. `rankscope plugins --off {name}` switches it off.",
            who=who,
            reason=reason_of(error),
            name=who.partition(" ")[0],
        )
        raise PluginError(said) from error


def contained(function: Callable[..., Any], who: str) -> Callable[..., Any]:
    """Return a function of plug-in ``who`` that raises nothing but errors for people.

    Examples
    --------
    >>> contained(lambda: 1 / 0, "mine 1.0")()
    Traceback (most recent call last):
        ...
    engine.plugins.contained.PluginError: The plug-in mine 1.0 failed: ZeroDivisionError: \
division by zero. `rankscope plugins --off mine` switches it off.
    """
    return _Contained(function, who)


class _Contained:
    """A class and not a closure: it goes to a worker process where the function does."""

    def __init__(self, function: Callable[..., Any], who: str) -> None:
        self._function, self._who = function, who
        functools.update_wrapper(self, function, updated=())

    def __reduce__(self) -> tuple[Any, ...]:
        return _Contained, (self._function, self._who)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with containing(self._who):
            return self._function(*args, **kwargs)


class ContainedObject:
    """An object of plug-in ``who`` whose methods raise nothing but errors for people."""

    def __init__(self, inner: Any, who: str) -> None:
        self._inner, self._who = inner, who

    def __getattr__(self, name: str) -> Any:
        with containing(self._who):
            value = getattr(self._inner, name)
        return contained(value, self._who) if callable(value) else value
