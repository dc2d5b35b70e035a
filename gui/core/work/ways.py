"""What a conductor has on its way: which questions, on which channel, asked at which moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gui.core.declare.answers import QUICK, Open, Question, Slot, same
from gui.core.declare.moment import Moment
from gui.core.declare.records import Step
from gui.frozen import dataclass

LONG = 0.35  # seconds; above it steps run one at a time, and a preview is worth having first


@dataclass(frozen=True, eq=False)
class Together:
    """The light members of a family as one request: one job and one picture, not one a member."""

    steps: tuple[Step, ...]

    @property
    def cost(self) -> float:
        """Seconds, about."""
        return sum(step.cost for step in self.steps)

    def run(self, progress: Any = None) -> tuple[Any, ...]:
        """Return what each answers; a refusal is an answer and leaves the others theirs."""
        return tuple(_answer_of(step, progress) for step in self.steps)


def _answer_of(step: Step, progress: Any) -> Any:
    try:
        return step.run(progress)
    except Exception as refusal:
        if progress is not None and progress.cancelled:
            raise
        return refusal


@dataclass(frozen=True, eq=False)
class Way:
    """One request on its way.

    ``cost`` is the request's, ``long`` the step's: a preview stands for what takes long;
    ``final``: it is no preview; ``above``: plots that are always in view need it.
    """

    channel: str
    opens: tuple[Open, ...]
    request: Any
    moment: Moment
    cost: float
    long: bool
    final: bool
    above: bool

    @property
    def quick(self) -> bool:
        """Whether drawing waits for it a little."""
        return self.cost <= QUICK and not self.opens[0].step.apart

    def covers(self, slot: Slot, question: Question) -> bool:
        """Whether it answers just this question."""
        return any(one.slot == slot and same(one.question, question) for one in self.opens)


class Ways:
    """All that is on its way, by channel: what runs, and the newest that waits."""

    def __init__(self) -> None:
        self._by_channel: dict[str, list[Way]] = {}

    def __iter__(self) -> Iterator[Way]:
        for ways in list(self._by_channel.values()):
            yield from ways

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel with something on its way."""
        return tuple(self._by_channel)

    def newest(self, channel: str) -> Way | None:
        """Return what was asked last on a channel."""
        ways = self._by_channel.get(channel)
        return ways[-1] if ways else None

    def add(self, way: Way, live: bool) -> None:
        """Put on its way: it takes the place of what waits, if not live of what runs as well."""
        running = self._by_channel.get(way.channel, [])[:1] if live else []
        self._by_channel[way.channel] = [*running, way]

    def ended(self, way: Way) -> bool:
        """Take off what has been answered; return whether it was on its way at all."""
        ways = self._by_channel.get(way.channel, [])
        if way not in ways:
            return False
        left = ways[ways.index(way) + 1 :]
        if left:
            self._by_channel[way.channel] = left
        else:
            del self._by_channel[way.channel]
        return True

    def drop(self, channel: str) -> tuple[Way, ...]:
        """Take everything off a channel and return it."""
        return tuple(self._by_channel.pop(channel, ()))
