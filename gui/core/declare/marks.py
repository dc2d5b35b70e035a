"""What a field of a record is made of, said where a default would stand.

Each mark returns, for the type checker, the type of what will be there: ``answer_of(Density)`` is
what ``Density.run()`` returns. Parameters are marks, too (see ``parameter``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, overload

from gui.frozen import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Runs(Protocol[T_co]):
    """A step: it computes."""

    def run(self, progress: Any = None) -> T_co:
        """Compute."""
        ...


class Makes(Protocol[T_co]):
    """A value record: made at once."""

    def value(self) -> T_co:
        """Return what it is."""
        ...


class Mark:
    """Base of everything that may stand as the default of a record's field."""


@dataclass(frozen=True, eq=False)
class Source(Mark):
    """A field's source: a step, a value (function or record) or a kind of what is given.

    ``optional``: the record is made without it, too; then the field is None, as it is while
    ``when`` is false, needed or not. ``every``: of a family, the answers of all members;
    ``member``: the one member that this question is about.
    """

    node: Any
    optional: bool = False
    when: Any = None
    every: bool = False
    member: bool = False

    def __format__(self, spec: str) -> str:
        """Refuse to stand in words: a value was called by hand without what it is made of."""
        raise TypeError(f"{self.node!r} was not given: nothing fills in what is called by hand")


@overload
def answer_of(step: type[Runs[T]]) -> T: ...
@overload
def answer_of(step: type[Runs[T]], when: Any) -> T | None: ...
def answer_of(step: type[Runs[Any]], when: Any = None) -> Any:
    """Declare a field that is what ``step`` answers.

    While the value or toggle ``when`` is false it is None, and the step is not asked for this.
    """
    return Source(step, when=when)


def maybe(step: type[Runs[T]], when: Any = None) -> T | None:
    """Declare a field that is better with the answer of ``step`` and shown without, as None.

    Of the same subject an older answer is better than none. While the value or toggle ``when`` is
    false it is neither asked for nor there.
    """
    return Source(step, optional=True, when=when)  # type: ignore[return-value]


@overload
def answers_of(step: type[Runs[T]]) -> Mapping[Any, T]: ...
@overload
def answers_of(step: type[Runs[T]], when: Any) -> Mapping[Any, T] | None: ...
def answers_of(step: type[Runs[Any]], when: Any = None) -> Any:
    """Declare a field with the answers of a family, member to answer, as far as there are any.

    What it holds is a :class:`gui.core.declare.answers.Members`: refusals stand in ``errors``.
    While the value or toggle ``when`` is false it is None.
    """
    return Source(step, every=True, when=when)


@overload
def value_of(derive: type[Makes[T]]) -> T: ...
@overload
def value_of(derive: Callable[..., T]) -> T: ...
def value_of(derive: Any) -> Any:
    """Declare a field that is a derived value: what a function returns, or a record's value()."""
    return Source(derive)


def given(kind: type[T]) -> T:
    """Declare a field that comes from outside: the opened array, what only a screen knows."""
    return Source(kind)  # type: ignore[return-value]


def maybe_given(kind: type[T]) -> T | None:
    """Declare a field that may come from outside; None where it does not."""
    return Source(kind, optional=True)  # type: ignore[return-value]


@overload
def member_of(listing: type[Makes[Sequence[T]]]) -> T: ...
@overload
def member_of(listing: Callable[..., Sequence[T]]) -> T: ...
@overload
def member_of(listing: Sequence[T]) -> T: ...
def member_of(listing: Any) -> Any:
    """Declare that a step is a family: one question for each that ``listing`` names.

    ``listing`` is a derived value, or a parameter that holds several.
    """
    return Source(listing, member=True)
