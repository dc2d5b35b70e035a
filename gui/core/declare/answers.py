"""What the steps of a page have answered, by question; nothing else remembers what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from gui.core.declare.records import Step, Value
from gui.core.figure.arrays import heavy_arrays
from gui.frozen import dataclass

Question = tuple[Any, ...]
DERIVED_KEPT = 4
OLDER_BYTES = 64 << 20  # that answers other than the newest of their slot may hold
QUICK = 0.05  # seconds; what takes longer is not asked about an answer that is not the last word


def same(a: Any, b: Any) -> bool:
    """Return whether two values are one: arrays and answers by identity, plain ones by value.

    Examples
    --------
    >>> same((1, "a"), (1, "a")), same(1, 1.0), same(np.zeros(2), np.zeros(2))
    (True, False, False)
    """
    if a is b:
        return True
    if type(a) is not type(b) or isinstance(a, np.ndarray):
        return False
    if isinstance(a, tuple):
        if len(a) != len(b):
            return False
        # Written out: this is asked a hundred times an event, mostly about what is one.
        for one, other in zip(a, b, strict=True):
            if one is not other and not same(one, other):
                return False
        return True
    return bool(a == b)


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer: to which question, about which subject, and whether more is to come.

    ``value`` is an exception where the step refused; ``final`` is False for a preview, and for an
    answer that is ``growing``: parts of it are there, each the last word on itself.
    """

    question: Question
    subject: Any
    value: Any
    final: bool = True
    growing: bool = False

    @property
    def refused(self) -> bool:
        """Whether there is no value but an error."""
        return isinstance(self.value, BaseException)

    @cached_property
    def arrays(self) -> dict[int, int]:
        """Bytes of the larger arrays it holds."""
        return heavy_arrays(self.value)

    @cached_property
    def weight(self) -> int:
        """Bytes of them all."""
        return sum(self.arrays.values())


class Members(Mapping[Any, Any]):
    """The answers of a family, member to answer, in the order of its members.

    ``errors`` has what each member that refuses says; one that refuses is listed still if it
    answered about this subject before. ``late`` are those whose answer is an older one.
    """

    __slots__ = ("_found", "errors", "late")

    def __init__(
        self,
        found: Mapping[Any, Any],
        errors: Mapping[Any, BaseException],
        late: frozenset[Any] = frozenset(),
    ) -> None:
        self._found, self.errors, self.late = dict(found), dict(errors), late

    def __getitem__(self, member: Any) -> Any:
        return self._found[member]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def same_as(self, other: Members) -> bool:
        """Return whether both hold the same answers of the same members."""
        return (
            self.late == other.late
            and list(self._found) == list(other._found)
            and all(a is b for a, b in zip(self._found.values(), other.values(), strict=True))
            and list(self.errors.items()) == list(other.errors.items())
        )


Slot = tuple[type[Step], Any]  # a step, and of a family which member


class Answers:
    """The last few answers of every slot and the derived values, the newest last.

    The newest of each stay; older ones, which spare a computation when a person comes back to
    what was, only as far as their arrays have room in `OLDER_BYTES`.
    """

    def __init__(self) -> None:
        self._kept: dict[Slot, list[Answer]] = {}
        self._derived: dict[Any, list[Answer]] = {}
        self._members: dict[type[Step], Members] = {}
        self.any_refused = False  # since the last `forget_refusals`

    def copy(self) -> Answers:
        """Return the same answers, to be added to apart from these."""
        other = Answers()
        other._kept = {slot: list(kept) for slot, kept in self._kept.items()}
        other._derived = {node: list(kept) for node, kept in self._derived.items()}
        other._members = dict(self._members)
        other.any_refused = self.any_refused
        return other

    def put(self, slot: Slot, answer: Answer) -> None:
        """Remember an answer in place of an earlier one to the same question.

        However many refusals come, the last good answer stays.
        """
        kept = [one for one in self._kept.get(slot, []) if not same(one.question, answer.question)]
        kept.append(answer)
        last = kept[-slot[0].keep :]
        if all(one.refused for one in last):
            good = [one for one in kept if not one.refused]
            last = [*good[-1:], *last]
        self._kept[slot] = last
        self.any_refused |= answer.refused
        self._let_go(answer)

    def _let_go(self, new: Answer) -> None:
        """Forget older answers, the heaviest first, until the others have room."""
        if not new.weight:
            return
        lists = [kept for kept in (*self._kept.values(), *self._derived.values()) if kept]
        if sum(one.weight for kept in lists for one in kept[:-1]) <= OLDER_BYTES:
            return  # what several of them hold has been counted more than once
        newest = {key for kept in lists for one in kept[-1:] for key in one.arrays}
        older = {id(one): one for kept in lists for one in kept[:-1] if one.arrays}

        def alone(answers: Iterable[Answer]) -> int:
            """Bytes that only older answers hold."""
            arrays = {key: size for one in answers for key, size in one.arrays.items()}
            return sum(size for key, size in arrays.items() if key not in newest)

        while older and alone(older.values()) > OLDER_BYTES:
            heaviest = max(older, key=lambda one: alone((older[one],)))
            del older[heaviest]
            for kept in lists:
                kept[:] = [one for one in kept if id(one) != heaviest or one is kept[-1]]

    def get(self, slot: Slot, question: Question) -> Answer | None:
        """Return the answer to just this question; it counts as the newest from now on."""
        return _newest(self._kept.get(slot, []), question)

    def derived(self, node: Any, question: Question) -> Answer | None:
        """Return the derived value ``node`` if it was made of just this."""
        return _newest(self._derived.get(node, []), question)

    def derive(self, node: Any, question: Question, made_of: Mapping[str, Any]) -> Answer:
        """Make a derived value; an error it raises is its value."""
        try:
            made: Any = node(**made_of)
            made = made.value() if isinstance(made, Value) else made
        except Exception as error:
            made = error
        answer = Answer(question, None, made)
        self._derived[node] = [*self._derived.get(node, []), answer][-DERIVED_KEPT:]
        self.any_refused |= answer.refused
        self._let_go(answer)
        return answer

    def members(self, step: type[Step], found: Members) -> Members:
        """Return ``found``, or the object from before while it holds the same."""
        known = self._members.get(step)
        if known is None or not known.same_as(found):
            known = self._members[step] = found
        return known

    def latest(self, slot: Slot, subject: Any) -> Answer | None:
        """Return the newest good answer about ``subject``."""
        for one in reversed(self._kept.get(slot, [])):
            if not one.refused and same(one.subject, subject):
                return one
        return None

    def forget_refusals(self) -> None:
        """Let everything that was refused be asked again."""
        for kept in (*self._kept.values(), *self._derived.values()):
            kept[:] = [one for one in kept if not one.refused]
        self.any_refused = False


def _newest(kept: list[Answer], question: Question) -> Answer | None:
    for place in range(len(kept) - 1, -1, -1):
        if same(kept[place].question, question):
            if place != len(kept) - 1:
                kept.append(kept.pop(place))
            return kept[-1]
    return None


@dataclass(frozen=True, eq=False)
class Missing:
    """Something is not there: ``why`` is the error that says so, None while it may still come."""

    why: BaseException | None = None


NOT_YET = Missing()


@dataclass(frozen=True, eq=False)
class Open:
    """A question and, as far as there is one, its answer; ``late``: made of what will change."""

    slot: Slot
    step: Step
    question: Question
    answer: Answer | None
    late: bool

    @property
    def missing(self) -> bool:
        """Whether it is to be asked."""
        if self.answer is not None and self.answer.final:
            return False
        return not self.late or self.step.cost <= QUICK
