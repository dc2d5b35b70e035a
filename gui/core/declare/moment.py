"""One moment of a page: every named thing that is there, and the questions that are open; no Qt.

A pure function of the state, of what is given and of the answers so far. The window asks it what
to have computed and what to draw; ``draw`` lets it compute at once. Nothing old is mixed with
anything new: everything that a picture is made of belongs to one moment. Two things may be older,
of the same subject: the answer of a single member of a family, and what a picture is only better
with (``maybe``).

What has been looked at is kept, and when something changes only what hangs on it is looked at
again (`after`, `forget`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gui.core.declare.answers import (
    NOT_YET,
    Answer,
    Answers,
    Members,
    Missing,
    Open,
    Question,
    Slot,
    same,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import Bound, Parameter
from gui.core.declare.records import Front, Need, Plot, Record, Step, family, needs

_UNSEEN = object()


class Moment:
    """The page for one state, with what is given and known; see the module."""

    def __init__(
        self, page: Page, state: Any, given: Mapping[type, Any], answers: Answers, number: int = 0
    ) -> None:
        self.page, self.state, self.given, self.answers = page, state, given, answers
        self.number = number
        self._seen: dict[Any, Any] = {}
        self._late: set[Any] = set()  # what `look` returns of these is not the last word
        self._older: dict[Any, Any] = {}  # older answers, for those who are better with them
        self._open: dict[type[Step], tuple[Open, ...]] = {}
        self._asked: dict[Any, tuple[Open, ...]] = {}  # what was open before an answer came
        self._wants: dict[Any, tuple[Open, ...]] = {}  # what `wanted` has returned
        self._waiting: set[Any] = set()  # for whom some step cannot even be asked yet

    @property
    def subject(self) -> Any:
        """What the page is about now."""
        return self.look(self.page.subject)

    def after(self, state: Any, given: Mapping[type, Any]) -> Moment:
        """Return the next moment; what does not hang on a change is not looked at again."""
        new = Moment(self.page, state, given, self.answers, self.number + 1)
        gone = self.page.affected_by(self.changes(state, given))
        new._seen, new._older = _without(self._seen, gone), _without(self._older, gone)
        new._open, new._asked = _without(self._open, gone), _without(self._asked, gone)
        new._late = self._late - gone
        return new

    def afresh(self) -> Moment:
        """Return this moment with everything to be looked at again."""
        return Moment(self.page, self.state, self.given, self.answers, self.number + 1)

    def changes(self, state: Any, given: Mapping[type, Any]) -> list[Any]:
        """Return the parameters and kinds of given that differ from those of this moment."""
        changed: list[Any] = []
        if state is not self.state:
            old, new = vars(self.state), vars(state)
            changed += [
                one
                for name, one in self.page.parameters.items()
                if old[name] is not new[name] and not same(old[name], new[name])
            ]
            if getattr(self.state, "view", "") != getattr(state, "view", ""):
                changed.append(Front)
        for kind in self.page.given:
            if not same(self.given.get(kind), given.get(kind)):
                changed.append(kind)
        return changed

    def forget(self, step: type[Step]) -> None:
        """Look again at what hangs on a step: something has come of it.

        A moment whose questions to it have their answers keeps them, also where the newer ones of
        a drag push them out of what is remembered: its slower steps are still to come. Otherwise
        the questions stay what they are, and only their answers are looked for anew.
        """
        opened = self._open.get(step, ())
        if opened and all(one.answer is not None and one.answer.final for one in opened):
            return
        gone = self.page.affected.get(step, frozenset())
        for known in (self._seen, self._older, self._open, self._asked):
            for node in gone.intersection(known):
                del known[node]
        if opened:
            self._asked[step] = opened
        self._late -= gone
        self._wants.clear()
        self._waiting.clear()

    # -- what is there ----------------------------------------------------------------------

    def look(self, node: Any) -> Any:
        """Return what a parameter, a value, a kind of given or a step is now, or Missing."""
        found = self._seen.get(node, _UNSEEN)
        if found is _UNSEEN:
            found = self._seen[node] = self._find(node)
        return found

    def args(self, what: Any, **fixed: Any) -> dict[str, Any] | Missing:
        """Return what a record or function is made of, by field, or what of it is missing."""
        found: dict[str, Any] = dict(fixed)
        missing = None
        for need in needs(what):
            if need.field in fixed:
                continue
            value = self._field(need)
            if isinstance(value, Missing) and (missing is None or missing.why is None):
                missing = value
            found[need.field] = value
        return found if missing is None else missing

    def _field(self, need: Need) -> Any:
        if not self._counts(need):
            return None
        value = self.look(need.node)
        if need.optional and isinstance(value, Missing):
            return self._older.get(need.node)
        return value

    def plot(self, plot: type[Plot], present: Moment | None = None) -> Plot | Missing:
        """Return a plot as it is at this moment; what is only drawn may be of another, present.

        Fields that nothing computed depends on (a log flag, marks) are taken from ``present``.
        """
        if present is not None and present is not self:
            # Asked of every older moment while something is on its way: mostly one step is.
            for step in self.page.answers_to(plot):
                if isinstance(self.look(step), Missing):
                    return NOT_YET
        found = self.args(plot)
        if isinstance(found, Missing):
            return found
        if present is not None and present is not self:
            found |= present.marks(plot)
        return plot(**found)

    def marks(self, plot: type[Plot]) -> dict[str, Any]:
        """Return the fields of a plot that are only drawn, as far as they are there."""
        found: dict[str, Any] = {}
        only = self.page.only_drawn(plot)
        for need in needs(plot) if only else ():
            if need.field in only:
                value = self._field(need)
                if not isinstance(value, Missing):
                    found[need.field] = value
        return found

    def is_behind(self, node: Any) -> bool:
        """Whether something that a plot is made of will be another as soon as it is known."""
        if not (self._late or self._older):
            return False
        return any(self._is_late(need) for need in needs(node) if not need.member)

    def _is_late(self, need: Need) -> bool:
        if not self._counts(need):
            return False
        return need.node in self._late or (need.optional and need.node in self._older)

    def wanted(self, consumers: tuple[Any, ...], *, optional: bool = True) -> tuple[Open, ...]:
        """Return the questions of ``consumers`` and of all they are made of, needs first.

        What is optional only counts once everything needed is there and up to date.
        """
        found = self._wants.get((consumers, optional))
        if found is None:
            steps: dict[Any, None] = {}
            seen: set[Any] = set()
            for one in consumers:
                self._gather(one, optional, steps, seen)
            opens: list[Open] = []
            for step in steps:
                self.look(step)
                opens += self._open.get(step, ())
            found = self._wants[consumers, optional] = tuple(opens)
            if any(step not in self._open for step in steps):
                self._waiting.add(consumers)
        return found

    def is_waiting(self, consumers: tuple[Any, ...]) -> bool:
        """Whether some step of ``consumers`` cannot be asked yet, as its own needs are missing."""
        self.wanted(consumers)
        return consumers in self._waiting

    def _gather(self, node: Any, optional: bool, steps: dict[Any, None], seen: set[Any]) -> None:
        """Add the steps that ``node`` is made of to ``steps``, needs first."""
        trail = self.page.trails[node]
        if node in seen or trail.steps <= steps.keys():
            return
        seen.add(node)
        for need in trail.needed:
            if self._counts(need):
                self._gather(need.node, optional, steps, seen)
        if optional and trail.better and all(map(self._is_up_to_date, trail.first)):
            for need in trail.better:
                if self._counts(need):
                    self._gather(need.node, optional, steps, seen)
        if node in self.page.step_set:
            steps[node] = None

    def _is_up_to_date(self, need: Need) -> bool:
        if not self._counts(need):
            return True
        return not isinstance(self.look(need.node), Missing) and need.node not in self._late

    def _counts(self, need: Need) -> bool:
        return need.when is None or self._is_true(need.when)

    # -- finding ----------------------------------------------------------------------------

    def _find(self, node: Any) -> Any:
        if isinstance(node, Parameter):
            return self._in_force(node)
        if isinstance(node, type) and issubclass(node, Step):
            return self._step(node)
        if isinstance(node, type) and not issubclass(node, Record):
            front = Front(getattr(self.state, "view", "")) if node is Front else None
            value = self.given.get(node, front)
            return NOT_YET if value is None else value
        return self._value(node)

    def _value(self, node: Any) -> Any:
        found = self.args(node)
        if isinstance(found, Missing):
            return found
        if self.is_behind(node):
            self._late.add(node)
        question = tuple(found.values())
        known = self.answers.derived(node, question)
        if known is None:
            known = self.answers.derive(node, question, found)
        return Missing(known.value) if known.refused else known.value

    def _in_force(self, one: Parameter) -> Any:
        """Return the value in force: what was asked for, within what is possible now."""
        if one.follows is not None:
            switch, lead = one.follows
            if self.look(switch):
                value = self.look(lead)
                return value if isinstance(value, Missing) else self.limited(one, value)
        value = getattr(self.state, one.name)
        if one.kind == "number":
            return self.limited(one, value)
        return self._offered(one, value) if one.kind == "choice" else value

    def _offered(self, one: Parameter, value: Any) -> Any:
        """Return a choice that there is now: what was chosen, the default, or the first."""
        if isinstance(one.choices, Mapping):
            return value
        offers = self.look(one.choices)
        keys = () if isinstance(offers, Missing) else tuple(offer.key for offer in offers)
        if not keys or value in keys:
            return value
        return one.default if one.default in keys else keys[0]

    def limited(self, one: Parameter, value: float) -> float:
        """Return a number within the bounds of now."""
        low, high = self.bounds(one)
        value = min(max(value, low), max(high, low))
        whole = one.whole if isinstance(one.whole, bool) else self._is_true(one.whole)
        if isinstance(one.default, int):
            return round(value)
        return float(round(value)) if whole else float(value)

    def bounds(self, one: Parameter) -> tuple[float, float]:
        """Return the bounds of now; one that is not known yet does not limit."""
        return self._bound(one.lower, -float("inf")), self._bound(one.upper, float("inf"))

    def is_whole(self, one: Parameter) -> bool:
        """Return whether a number is whole now."""
        return one.whole if isinstance(one.whole, bool) else self._is_true(one.whole)

    def words(self, said: Any) -> str:
        """Return what the ``unit`` or ``because`` of a number is now; "" where it has none."""
        value = "" if said is None else self.look(said)
        return "" if isinstance(value, Missing) else str(value)

    def is_shown(self, one: Parameter) -> bool:
        """Return whether a parameter is offered now."""
        return one.when is None or self._is_true(one.when)

    def is_enabled(self, one: Parameter) -> bool:
        """Return whether a parameter can be set now."""
        return one.enabled is None or self._is_true(one.enabled)

    def _bound(self, bound: Bound, unknown: float) -> float:
        if not callable(bound):
            return bound
        value = self.look(bound)
        return unknown if isinstance(value, Missing) else value

    def _is_true(self, node: Any) -> bool:
        value = self.look(node)
        return not isinstance(value, Missing) and bool(value)

    # -- steps ------------------------------------------------------------------------------

    def _step(self, step: type[Step]) -> Any:
        member = family(step)
        if member is not None:
            return self._family(step, member)
        asked = self._asked.pop(step, None)
        if asked:
            opened = self._looked_up(asked[0])
        else:
            found = self.args(step)
            if isinstance(found, Missing):
                return found
            opened = self._question(step, None, found, self.is_behind(step))
        self._open[step] = (opened,)
        answer = opened.answer
        if answer is None:
            older = self.answers.latest(opened.slot, self.subject)
            if older is not None:
                self._older[step] = older.value
            return NOT_YET
        if answer.refused:
            return Missing(answer.value)
        if opened.late or not (answer.final or answer.growing):
            self._late.add(step)
        return answer.value

    def _family(self, step: type[Step], member: Need) -> Any:
        asked = self._asked.pop(step, None)
        if asked:
            opened = tuple(map(self._looked_up, asked))
        else:
            listed = self.look(member.node)
            shared = self.args(step, **{member.field: None})
            if isinstance(listed, Missing) or (listed and isinstance(shared, Missing)):
                return listed if isinstance(listed, Missing) else shared
            late = self.is_behind(step)
            opened = tuple(
                self._question(step, one, {**shared, member.field: one}, late)  # type: ignore[dict-item]
                for one in listed
            )
        self._open[step] = opened
        if opened and not any(question.answer is not None for question in opened):
            return NOT_YET
        return self._members(step, opened)

    def _members(self, step: type[Step], opened: tuple[Open, ...]) -> Members:
        found: dict[Any, Any] = {}
        errors: dict[Any, BaseException] = {}
        late: list[Any] = []
        for question in opened:
            answer, key = question.answer, question.slot[1]
            if question.late or (not step.in_turn if answer is None else not answer.final):
                late.append(key)
            if answer is not None and answer.refused:
                errors[key] = answer.value
            if answer is None or answer.refused:
                answer = self.answers.latest(question.slot, self.subject)
            if answer is not None:
                found[key] = answer.value
        if late:
            self._late.add(step)
        return self.answers.members(step, Members(found, errors, frozenset(late)))

    def _looked_up(self, one: Open) -> Open:
        """Return an open question with the answer that there is now."""
        answer = self.answers.get(one.slot, one.question)
        return one if answer is one.answer else replace(one, answer=answer)

    def _question(self, step: type[Step], key: Any, found: dict[str, Any], late: bool) -> Open:
        asked, slot = step(**found), (step, key)
        question = asked.question
        answer = self.answers.get(slot, question)
        if answer is None or not answer.final:
            answer = self._computed(slot, asked, question) or answer
        return Open(slot, asked, question, answer, late)

    def _computed(self, slot: Slot, asked: Step, question: Question) -> Answer | None:
        """Return the answer where this moment computes it; in the window a conductor has it."""
        return None


def _without(known: dict[Any, Any], gone: frozenset[Any]) -> dict[Any, Any]:
    """Return a copy of what is known without what has gone."""
    kept = known.copy()
    for node in gone:
        kept.pop(node, None)
    return kept
