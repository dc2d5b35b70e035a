"""The one conductor: watches the store, has missing steps computed, has changed plots drawn.

The only object of a page that knows the store and the runner. It decides nothing about the page:
what is wanted, missing and drawn is read off the declarations by ``Moment``. Its contract, a
sentence a test, stands in ``tests/gui/core/work/test_conductor.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from gui.core.declare.answers import Answer, Answers, Members, Missing, same
from gui.core.declare.edits import edited, ticked
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.pictures import colours_of, recoloured
from gui.core.declare.records import Plot, Step, needs
from gui.core.figure.figure import Image
from gui.core.state.jobs import Runs
from gui.core.state.store import Store
from gui.core.words.i18n import tr
from gui.core.work.asking import Asker
from gui.core.work.drawing import Drawer, Shows
from gui.core.work.ways import Way
from gui.frozen import dataclass

FRAME = 0.05  # seconds; a move is drawn then, whatever is still on its way


class Screen(Shows, Protocol):
    """What the conductor tells: a page on the screen, or a test."""

    def is_visible(self) -> bool:
        """Whether a person sees the page."""
        ...

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date; ``changed`` None: whatever they show."""
        ...


@dataclass(frozen=True, eq=False)
class Failure:
    """An error of what is in view; ``member`` is of which member of a family."""

    error: BaseException
    member: Any = None


class Conductor:
    """Conducts one page.

    Parameters
    ----------
    page : Page
        The declarations.
    store, runner : Store, Runs
        Where the state is; who computes.
    given : callable
        ``given()`` returns what comes from outside now, by kind.
    screen : Screen
        What is told.
    later : callable
        ``later(seconds, call)`` is a timer.
    clock : callable
        Seconds, rising.
    """

    def __init__(
        self,
        page: Page,
        store: Store,
        runner: Runs,
        given: Callable[[], Mapping[type, Any]],
        screen: Screen,
        later: Callable[[float, Callable[[], None]], None],
        clock: Callable[[], float],
    ) -> None:
        self.page, self._store, self._given, self._screen = page, store, given, screen
        self._later = later
        self._now = Moment(page, store[page.key], given(), Answers())
        self._recent: list[Moment] = []  # older moments of this subject that are being answered
        self._asker = Asker(
            page, runner, self._arrived, self._grown, self._draw_at_once, self._ask, later, clock
        )
        self._drawer = Drawer(page, screen, later, clock, self.update)
        self._above = page.steps_of(page.plots_of(""))
        self._consumers_of: dict[str, tuple[Any, ...]] = {}
        self._accompanies = True  # the last change moves what is computed above
        self._holding: Moment | None = None  # the move whose quick answers drawing waits for
        self._news: set[Any] = set()  # what hangs on answers that have come since the last telling
        self._seen = self._closed = False
        store.changed.connect(self._when_changed)

    # -- from the person to the store -------------------------------------------------------

    def edit(self, name: str, value: Any, label: str = "") -> None:
        """Set a parameter as a person does: one undo step, or one per gesture."""
        one = self.page.parameters[name]
        merge = f"{self.page.key}.{name}" if one.drags else ""
        fields = edited(self.page, self.present(), one, value)
        self.edit_many(fields, label or tr(one.undo), merge)

    def edit_many(self, fields: Mapping[str, Any], label: str, merge: str = "") -> bool:
        """Set several parameters in one step; return whether anything changed."""
        return bool(self._store.replace(self.page.key, label=label, merge=merge, **fields))

    def tick(self, name: str, key: str, on: bool) -> None:
        """Tick one of the choices of a parameter that holds several."""
        one = self.page.parameters[name]
        value = ticked(self.present(), one, key, on)
        if not self.edit_many({name: value}, tr(one.undo)):
            self._screen.tell(self._now, frozenset({one}))  # the last one stays ticked

    def show_view(self, view: str) -> None:
        """Bring a lower view to the front."""
        self.edit_many({"view": view}, tr("lower view"))

    def toggle_log(self, plot: type[Plot], axis: str, on: bool) -> None:
        """Set the log flag of an axis; an axis without one is drawn as it was."""
        for need in needs(plot):
            if isinstance(need.source, Parameter) and need.source.axis == axis:
                self.edit(need.source.name, on)
                return
        self._drawer.redraw(plot)

    def recolour(self, plot: type[Plot], image: Image, part: str, value: Any) -> None:
        """Set a part of the colours of a plot's picture; a level that moves is one gesture."""
        kind = colours_of(plot)
        if kind is not None:
            one = kind.parts[part]
            merge = f"{self.page.key}.{one.name}" if one.drags else ""
            self.edit_many(recoloured(kind, image, part, value), tr(one.undo), merge)

    def know(self, step: type[Step], member: Any, value: Any) -> None:
        """Take ``value`` for the answer about ``member``, where it has been computed already."""
        if not isinstance(value, Missing):
            slot, now = (step, member), self._now
            question = (member,)
            now.answers.put(slot, Answer(question, now.subject, value))

    def seal(self) -> None:
        """End a gesture."""
        self._store.seal()

    def again(self) -> None:
        """Ask again for what has failed or was cancelled."""
        self._asker.forget()
        self._now.answers.forget_refusals()
        self._now = self._now.afresh()
        self._recent.clear()
        self._drawer.touch(None)
        self.update()

    # -- from the store to the screen -------------------------------------------------------

    def present(self) -> Moment:
        """Return the page as it is now, also while it is hidden."""
        state, given = self._store[self.page.key], self._given()
        if state is self._now.state and not self._now.changes(state, given):
            return self._now
        return self._now.after(state, given)

    @property
    def view(self) -> str:
        """The lower view in front, "" where the page has none."""
        return str(getattr(self._store[self.page.key], "view", ""))

    def update(self) -> None:
        """Ask for what is missing; draw what is there and has changed."""
        if self._closed or not self._screen.is_visible():
            self._seen = False
            return
        changed = self._move_on()
        submitted = self._ask()
        # A move is drawn in one go with the quick answers to it: asked first, drawn second, or
        # the window would paint while they arrive.
        moved = changed is None or bool(changed)
        if moved and self._holding is None and any(way.quick for way in submitted):
            self._holding = held = self._now
            self._later(FRAME, lambda: self._when_frame(held))
        if self._holding is None:
            self._drawer.draw(self.page.drawn_of(self.view), self._now, self._recent)
            self._recent = [one for one in self._recent if self._asker.is_asked(one)]
        news, self._news = frozenset(self._news), set()
        self._screen.tell(self._now, None if changed is None else changed | news)

    def _ask(self) -> list[Way]:
        """Ask for what is missing of this moment; return what went on its way."""
        if self._closed or not self._screen.is_visible():
            return []
        return self._asker.ask(self._now, self._recent, self._consumers, self._accompanies)

    def _move_on(self) -> frozenset[Any] | None:
        """Make the present moment the one that counts; return what has changed by it."""
        old, state, given = self._now, self._store[self.page.key], self._given()
        first, self._seen = not self._seen, True
        changed = old.changes(state, given)
        gone = self.page.affected_by(changed)
        if changed or state is not old.state:
            self._now = old.after(state, given)
            if same(old.subject, self._now.subject):
                self._recent.append(old)
            else:
                self._recent.clear()
            self._accompanies = not changed or not gone.isdisjoint(self._above)
        other_view = getattr(state, "view", "") != getattr(old.state, "view", "")
        self._drawer.touch(None if first or other_view else gone)
        return None if first or other_view else gone

    @property
    def in_view(self) -> tuple[type[Plot], ...]:
        """The plots on the screen, those above first."""
        return self.page.plots_of(self.view)

    @property
    def _consumers(self) -> tuple[Any, ...]:
        """The plots in view and the parameters whose controls are beside them."""
        view = self.view
        if view not in self._consumers_of:
            controls = self.page.controls_of(view)
            self._consumers_of[view] = (*self.in_view, *controls, *self.page.also)
        return self._consumers_of[view]

    def _draw_at_once(self) -> None:
        self._holding = None
        self.update()

    def _arrived(self, way: Way) -> None:
        step = way.opens[0].slot[0]
        if way.moment not in (self._now, *self._recent):
            self._keep(way.moment)
        for moment in (self._now, *self._recent):
            moment.forget(step)
        plots = self.page.plots_among(self.page.affected[step])
        self._drawer.touch(plots)
        self._news |= self.page.affected[step]
        if self._asker.has_quick(way.moment if way.above else self._now):
            # The rest of the move is drawn in one go with what is quick and still on its way.
            if self._holding is not None and not way.above and self._screen.is_visible():
                self._drawer.draw(plots.intersection(self.in_view), self._now, self._recent)
        else:
            self._holding = None
        self.update()

    def _grown(self, step: type[Step]) -> None:
        for moment in (self._now, *self._recent):
            moment.forget(step)
        self._drawer.touch(self.page.plots_among(self.page.affected[step]))
        self._news |= self.page.affected[step]
        self.update()

    def _keep(self, moment: Moment) -> None:
        if same(moment.subject, self._now.subject):
            self._recent = sorted((*self._recent, moment), key=lambda one: one.number)

    def _when_frame(self, held: Moment) -> None:
        if self._holding is held and not self._closed:
            self._holding = None
            self.update()

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.update()

    # -- what there is to say ---------------------------------------------------------------

    def failures(self) -> tuple[Failure, ...]:
        """Return the errors of what is in view, each once."""
        found = {id(error): Failure(error) for error in self._questions()}
        if not (self._now.answers.any_refused or self._drawer.has_failed):
            return tuple(found.values())
        for plot in self.in_view:
            drawn = self._drawer.drawn(plot)
            if drawn is not None and drawn.why is not None:
                found.setdefault(id(drawn.why), Failure(drawn.why))
        for shown in (*self.in_view, *self.page.also):
            for need in needs(shown):
                value = self._now.look(need.node)
                if isinstance(value, Missing) and value.why is not None:
                    found.setdefault(id(value.why), Failure(value.why))
                refusals = value.errors if isinstance(value, Members) else {}
                for member, error in refusals.items():
                    found.setdefault(id(error), Failure(error, member))
        return tuple(found.values())

    def _questions(self) -> Iterator[BaseException]:
        """Yield what has to be asked before something in view is computed."""
        if self._asker.has_stopped:
            for one in self._now.wanted(self._consumers):
                if one.missing and (error := self._asker.why_stopped(one)) is not None:
                    yield error

    def decide(self, go_on: bool) -> None:
        """Answer what is asked before something is computed; without it what is shown stays."""
        for error in self._questions() if go_on else ():
            error.permit()  # type: ignore[attr-defined]
        self._asker.leave()
        if go_on:
            self.again()
        else:
            self.update()

    def awaited(self, plot: type[Plot]) -> str:
        """Return what the step that a plot waits for does, in English; "" where it says nothing."""
        missing = (one for one in self._now.wanted((plot,), optional=False) if one.missing)
        first = next((one for one in missing if not self._asker.is_stopped(one)), None)
        return first.step.title if first is not None else ""

    @property
    def is_stopped(self) -> bool:
        """Whether a person has cancelled something that is still in view."""
        if not self._asker.has_stopped:
            return False  # mostly; looking costs a third of what a move costs
        wanted = self._now.wanted(self.in_view)
        return any(one.missing and self._asker.is_stopped(one) for one in wanted)

    @property
    def is_behind(self) -> bool:
        """Whether something in view is not of the present moment."""
        shown = (self._drawer.drawn(plot) for plot in self.in_view)
        return any(one is not None and one.picture and one.picture.behind for one in shown)

    def shutdown(self) -> None:
        """Drop what is pending and let go of the store."""
        self._closed = True
        self._store.changed.disconnect(self._when_changed)
        self._asker.shutdown()
