"""The store: sole owner of the application state, with undo from the first day.

The state is a frozen mapping from slice name to a frozen dataclass. ``replace`` is the only way
to change it; ``changed(old, new)`` tells everybody. Nothing flows back.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gui.core.state.signal import Signal

State = Mapping[str, Any]
Settle = Callable[[State, Mapping[str, Mapping[str, Any]]], dict[str, dict[str, Any]]]
HISTORY_LIMIT = 500


@dataclasses.dataclass(frozen=True)
class _Step:
    state: State
    label: str


class Store:
    """Owns the state; replaces it whole and remembers what it was.

    Parameters
    ----------
    initial : mapping of str to frozen dataclass
        The slices.
    outside_history : iterable of str
        Slices that undo leaves alone (the list of open files).
    settle : callable
        ``settle(state, changes)`` returns further changes, by slice, that belong to the same step.

    ``changed(old, new)`` and ``history_changed()`` tell everybody who is connected.
    """

    def __init__(
        self, initial: State, outside_history: Iterable[str] = (), settle: Settle | None = None
    ) -> None:
        self.changed = Signal()
        self.history_changed = Signal()
        self._state: State = MappingProxyType(dict(initial))
        self._outside = frozenset(outside_history)
        self._settle = settle
        self._past: deque[_Step] = deque(maxlen=HISTORY_LIMIT)
        self._future: list[_Step] = []
        self._merging = ""
        self._waiting: deque[tuple[State, State]] = deque()
        self._telling = False

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def __getitem__(self, name: str) -> Any:
        return self._state[name]

    def replace(self, name: str, *, label: str, merge: str = "", **fields: Any) -> bool:
        """Replace fields of slice ``name``; return whether anything changed.

        Parameters
        ----------
        label : str
            What the person did, for the undo menu ("k").
        merge : str
            Consecutive changes with the same non-empty ``merge`` become one undo step until
            ``seal`` is called: a drag is one step.
        """
        return self.replace_many({name: fields}, label=label, merge=merge)

    def replace_many(
        self, changes: Mapping[str, Mapping[str, Any]], *, label: str, merge: str = ""
    ) -> bool:
        """Replace fields of several slices in one step; return whether anything changed."""
        new = dict(self._state)
        if self._settle is not None:
            further = self._settle(self._state, changes)
            names = {**further, **changes}  # what a person set is not set otherwise
            changes = {name: {**further.get(name, {}), **changes.get(name, {})} for name in names}
        for name, fields in changes.items():
            new[name] = dataclasses.replace(new[name], **fields)
        if all(new[name] == self._state[name] for name in changes):
            return False
        if any(new[n] != self._state[n] for n in changes if n not in self._outside):
            if not (merge and merge == self._merging and self._past):
                self._drop_idle_step()
                self._past.append(_Step(self._state, label))
            self._merging = merge
            self._future.clear()
        self._move_to(MappingProxyType(new))
        return True

    def amend(self, change: Callable[[State], State]) -> None:
        """Have the present, and all that undo and redo lead to, say what has become otherwise.

        That is no step: an array that a running program shows again has another shape now.
        """
        self._past = deque(
            (_Step(change(one.state), one.label) for one in self._past), HISTORY_LIMIT
        )
        self._future = [_Step(change(one.state), one.label) for one in self._future]
        self._move_to(MappingProxyType(dict(change(self._state))))

    def seal(self) -> None:
        """End the running merge: the next change is a step of its own (a drag has ended).

        A drag that ended where it began leaves no step.
        """
        if self._drop_idle_step():
            self.history_changed.emit()
        self._merging = ""

    def _drop_idle_step(self) -> bool:
        """Forget the running merge's step where it has changed nothing; say whether it had."""
        if not (self._merging and self._past):
            return False
        before, now = self._past[-1].state, self._state
        if any(before[n] != now[n] for n in now if n not in self._outside):
            return False
        self._past.pop()
        return True

    def restore(self, slices: State, *, label: str, leave: Iterable[str] = ()) -> bool:
        """Replace slices at once (a session file, a dropped figure) as one undo step.

        Fields called as in ``leave`` stay as they are.
        """
        known = {name: value for name, value in slices.items() if name in self._state}
        left = frozenset(leave)
        fields = {
            name: {
                f.name: getattr(value, f.name)
                for f in dataclasses.fields(value)
                if f.name not in left
            }
            for name, value in known.items()
        }
        return self.replace_many(fields, label=label)

    @property
    def steps(self) -> tuple[tuple[str, State], ...]:
        """What was done, step by step: its label, and the state after it; first where one began."""
        if not self._past:
            return (("", self._state),)
        states = [step.state for step in self._past] + [self._state]
        labels = ["", *(step.label for step in self._past)]
        return tuple(zip(labels, states, strict=True))

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return self._past[-1].label if self._past else ""

    @property
    def redo_label(self) -> str:
        """What redo would bring back; empty when there is nothing."""
        return self._future[-1].label if self._future else ""

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to bring back."""
        return bool(self._future)

    def undo(self) -> None:
        """Take the last step back; does nothing when there is none."""
        self.seal()
        if self._past:
            step = self._past.pop()
            self._future.append(_Step(self._state, step.label))
            self._move_to(self._with_present_outside(step.state))

    def redo(self) -> None:
        """Bring the last undone step back; does nothing when there is none."""
        if self._future:
            step = self._future.pop()
            self._past.append(_Step(self._state, step.label))
            self.seal()
            self._move_to(self._with_present_outside(step.state))

    def forget_history(self) -> None:
        """Forget every step: what is there now is where the person begins."""
        self._past.clear()
        self._future.clear()
        self.seal()
        self.history_changed.emit()

    def _with_present_outside(self, state: State) -> State:
        kept = {name: self._state[name] for name in self._outside}
        return MappingProxyType({**state, **kept})

    def _move_to(self, new: State) -> None:
        # A slot may replace again; every listener must still see the changes in order.
        self._waiting.append((self._state, new))
        self._state = new
        if self._telling:
            return
        self._telling = True
        try:
            while self._waiting:
                old, new = self._waiting.popleft()
                self.changed.emit(old, new)
                self.history_changed.emit()
        finally:
            self._telling = False
