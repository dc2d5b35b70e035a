"""Errors a person can act on: what is wrong, where, and what to do."""

from __future__ import annotations

import reprlib
from typing import Any

from engine.sentences import Sentence, as_sentence, joined, say


class RankscopeError(ValueError):
    """Base of every error the engine raises on purpose.

    The message is one or two sentences fit to be shown to a person as they are: it is an answer,
    not a defect to be logged.

    Parameters
    ----------
    sentence : str
        What is wrong and what to do; kept as a `Sentence`, which can be said in another language.
    """

    for_people = True

    def __init__(self, sentence: str) -> None:
        self.sentence = as_sentence(sentence)
        super().__init__(self.sentence)


class ArgumentError(RankscopeError):
    """An argument is outside what a function accepts.

    Parameters
    ----------
    argument : str
        Name of the offending argument, as the function spells it.
    value : object
        What was passed, or a `Sentence` about it.
    allowed : str
        What is accepted, in words ("a number in [0, 64]").
    hint : str, optional
        What to do about it.
    """

    def __init__(self, argument: str, value: Any, allowed: str, hint: str = "") -> None:
        self.argument = argument
        self.value = value
        self.allowed = allowed
        self.hint = hint
        names = {"argument": argument, "allowed": as_sentence(allowed)}
        if isinstance(value, Sentence):
            text = "{argument} = {found!r} is not allowed: it must be {allowed}."
            said = say(text, found=value, **names)
        else:
            text = "{argument} = {value} is not allowed: it must be {allowed}."
            said = say(text, value=_short(value), **names)
        super().__init__(joined(said, hint))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = isinstance(self.value, (bool, int, float, str))
        value = self.value if plain else _Shown(_short(self.value))
        return type(self), (self.argument, value, self.allowed, self.hint)


class DataError(RankscopeError):
    """An array holds values that no answer can be computed from (NaN, inf, nothing at all).

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    count : int
        How many entries are bad.
    first : tuple of int
        Index of the first bad entry; empty where there is none.
    """

    def __init__(self, message: str, count: int = 0, first: tuple[int, ...] = ()) -> None:
        self.count = count
        self.first = first
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.sentence, self.count, self.first)


class FileError(RankscopeError):
    """A file cannot be read: names the file, the place in it and the remedy.

    Parameters
    ----------
    path : str
        The file.
    problem : str
        What is wrong and where ("row 17 has 4 columns, the rows before it have 5"); a full stop
        is added where it has none.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, path: str, problem: str, hint: str = "") -> None:
        self.path = str(path)
        self.problem = problem
        self.hint = hint
        about = {"path": self.path, "problem": as_sentence(problem)}
        if problem.endswith("."):
            said = say("{path}: {problem}", **about)
        else:
            said = say("{path}: {problem}.", **about)
        super().__init__(joined(said, hint))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.problem, self.hint)


class ConvergenceError(RankscopeError):
    """An iteration did not reach its tolerance, also after the retry its message names."""


class _Shown:
    """What goes through a pickle in place of a value that may be large, or of any type."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class _Few(reprlib.Repr):
    """As `repr`, of the first items and letters only: a message must not cost what a value does."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 80
        self.maxarray = self.maxdeque = 80
        self.maxstring = self.maxlong = self.maxother = 400

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes no more than 4300 digits, but any number of hexadecimal
            return hex(x)

    def repr_bytes(self, x: bytes | bytearray, level: int) -> str:
        return repr(x[: self.maxstring])

    repr_bytearray = repr_bytes


_few = _Few()


def _short(value: Any) -> str:
    text = _few.repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
