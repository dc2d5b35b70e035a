"""A plot drawn without a window: the same records, computed at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gui.core.declare.answers import Answer, Answers, Members, Missing, Question, Slot
from gui.core.declare.edits import clean, listed
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.pictures import Picture, picture_of
from gui.core.declare.records import Plot, Step, needs
from gui.core.words.i18n import tr
from gui.core.words.names import near


class UnknownName(ValueError):
    """A plot or a parameter that there is none of; the sentence says which there are."""

    for_people = True


class NothingThere(ValueError):
    """What a plot needs was not given: an array of another shape, a second array."""

    for_people = True


class NotAllowed(ValueError):
    """A value that a parameter does not take here; ``said(name)`` names it as it was given."""

    for_people = True

    def __init__(self, argument: str, words: str, **values: Any) -> None:
        self.argument, self._words, self._values = argument, words, values
        super().__init__(self.said(argument))

    def said(self, name: str) -> str:
        """Return the sentence, with the parameter called ``name``."""
        return self._words.format(argument=name, **self._values)


class OutOfRange(NotAllowed):
    """A number beyond what this array allows, and what of it does not allow more."""

    def __init__(
        self, argument: str, value: float, low: float, high: float, because: str = ""
    ) -> None:
        words = tr(
            "{argument} = {value:g} is not allowed: it must be a number in [{low:g}, {high:g}]."
        )
        if because:
            words = tr(
                "{argument} = {value:g} is not allowed: it must be a number in [{low:g}, {high:g}] "
                "({because})."
            )
        super().__init__(argument, words, value=value, low=low, high=high, because=because)


class NotWhole(NotAllowed):
    """A number between two whole ones, where a parameter takes only these now."""

    def __init__(self, argument: str, value: float) -> None:
        words = tr("{argument} = {value:g} is not allowed: it must be a whole number here.")
        super().__init__(argument, words, value=value)


class NoSuchChoice(NotAllowed):
    """A choice that a parameter does not offer here."""

    def __init__(self, argument: str, value: str, offered: Sequence[str]) -> None:
        words = tr("{argument} = {value} is not allowed: it must be one of {offered}{near}.")
        near_by, all_of = near(value, offered), ", ".join(offered)
        super().__init__(argument, words, value=value, offered=all_of, near=near_by)


def moment_of(
    page: Page,
    given: Mapping[type, Any],
    values: Mapping[str, Any],
    answers: Answers | None = None,
) -> Moment:
    """Return the moment of ``page`` with parameters set to ``values``, which computes at once.

    What several moments share is computed once where they are given the same ``answers``.

    Raises
    ------
    UnknownName
        When the page has no parameter of a name.
    """
    state = page.state()
    fields = {}
    for name, value in values.items():
        one = page.parameters.get(name)
        if one is None:
            names = sorted(page.parameters)
            words = tr("The page {page} has no parameter {name}{near}.")
            raise UnknownName(words.format(page=page.key, name=repr(name), near=near(name, names)))
        fields[name] = clean(one, value)
        # A follower that is set lets go of its lead.
        if one.follows is not None and one.follows[0].name not in values:
            fields[one.follows[0].name] = False
    return WholeMoment(page, dataclasses.replace(state, **fields), given, answers or Answers())


def draw_plot(
    page: Page,
    key: str,
    given: Mapping[type, Any],
    values: Mapping[str, Any],
    answers: Answers | None = None,
) -> Picture:
    """Return the picture of one plot; see `moment_of`.

    Raises
    ------
    UnknownName
        When there is no such plot or parameter.
    NothingThere
        When something that it needs was not given.
    OutOfRange, NotWhole, NoSuchChoice
        When the array does not allow a value; in the window it would be limited instead.
    Exception
        What a step refuses with.
    """
    plot = page.plot(key)
    if plot is None:
        names = [one.key for one in page.plots]
        words = tr("The page {page} has no plot {name}{near}.")
        raise UnknownName(words.format(page=page.key, name=repr(key), near=near(key, names)))
    now = moment_of(page, given, {**page.presets.get(key, {}), **values}, answers)
    picture = picture_at(plot, now)
    refuse_outside(page.of_plot(plot), now, values)
    return picture


def refuse_outside(parameters: Iterable[Parameter], now: Moment, values: Mapping[str, Any]) -> None:
    """Refuse what this array does not allow: it would be drawn as something else.

    Raises
    ------
    OutOfRange, NoSuchChoice
        Naming the parameter, its value and what is allowed.
    """
    for one in parameters:
        if one.name in values and one.kind == "number":
            low, high = now.bounds(one)
            if not low <= values[one.name] <= high:
                raise OutOfRange(one.name, values[one.name], low, high, now.words(one.because))
            if now.is_whole(one) and values[one.name] != round(values[one.name]):
                raise NotWhole(one.name, values[one.name])
        if one.name in values and one.kind in ("choice", "many"):
            _refuse_strange(one, values[one.name], [offer.key for offer in listed(now, one)])


def _refuse_strange(one: Parameter, value: Any, offered: Sequence[str]) -> None:
    for key in value if one.kind == "many" else (value,):
        if offered and key not in offered:
            raise NoSuchChoice(one.name, key, offered)


def picture_at(plot: type[Plot], now: Moment) -> Picture:
    """Return the picture of a plot at a moment that computes at once; raise as `draw_plot`."""
    made = now.plot(plot)
    if isinstance(made, Missing):
        if made.why is not None:
            raise made.why
        raise NothingThere(tr("Nothing was given that “{plot}” could show.", plot=tr(plot.title)))
    for need in needs(plot):
        answers = getattr(made, need.field)
        if isinstance(answers, Members) and answers.errors and not answers:
            raise next(iter(answers.errors.values()))
    return picture_of(made, now)


class WholeMoment(Moment):
    """A moment that computes what is missing at once: ``render``, reports, notebooks, tests."""

    def _computed(self, slot: Slot, asked: Step, question: Question) -> Answer | None:
        try:
            asked.require_room()
            value: Any = asked.run()
        except Exception as error:
            value = error
        answer = Answer(question, self.subject, value)
        if not getattr(value, "asks", False):  # a person may still say that it shall go on
            self.answers.put(slot, answer)
        return answer


@dataclasses.dataclass(frozen=True, eq=False)
class DrawAlone:
    """Draw a plot that is not on the screen, as its page is now: a figure or a table."""

    plot: type[Plot]
    now: Moment

    @property
    def title(self) -> str:
        """The title of the plot."""
        plot = self.plot
        return tr(plot.title)

    def run(self, progress: Any) -> Any:
        """Compute what is missing and draw; raise what a step refuses with."""
        progress.report(0.0, tr("Drawing {title}", title=self.title))
        now = self.now
        return picture_at(self.plot, WholeMoment(now.page, now.state, now.given, now.answers)).drawn
