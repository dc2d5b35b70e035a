"""What is drawn, made of what, and whether it is of the present: the conductor's other half."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gui.core.declare.answers import Missing, same
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.pictures import Picture, picture_of
from gui.core.declare.records import Plot

DIM_AFTER = 0.15  # seconds without a newer picture of what was asked
# Nobody reads numbers faster, and laying a panel out anew takes as long as drawing the curves.
READ = 0.1  # seconds between two read-outs


class Shows(Protocol):
    """The plots of a page on the screen, or of a test."""

    def show(self, plot: type[Plot], picture: Picture) -> None:
        """Draw a picture; ``behind`` marks one that is not of the present moment."""
        ...

    def blank(self, plot: type[Plot], why: BaseException | None) -> None:
        """Show nothing, and say why in words; None: nothing is selected, or it is on its way."""
        ...

    def dim(self, plot: type[Plot], on: bool) -> None:
        """Say that a picture has been behind for a while, or is no more."""
        ...


@dataclass(eq=False)
class Drawn:
    """What a plot shows: at which moment it was made, and of what; ``why`` it is no newer one."""

    moment: Moment
    parts: tuple[Any, ...] = ()
    picture: Picture | None = None
    why: BaseException | None = None
    behind_since: float | None = None
    dimmed: bool = False


class Drawer:
    """Draws a plot exactly when what it is made of is another; the last good picture stays.

    ``wake`` is called when read-outs that have waited may be written.
    """

    def __init__(
        self,
        page: Page,
        screen: Shows,
        later: Callable[[float, Callable[[], None]], None],
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self._page, self._screen = page, screen
        self._later, self._clock, self._wake = later, clock, wake
        self._reading: bool | None = False  # None: read-outs wait; True: they may be written
        self._drawn: dict[type[Plot], Drawn] = {}
        self._dirty: set[type[Plot]] = set(page.plots)
        self._touched: dict[type[Plot], float] = {}  # when, since the last picture of each

    def touch(self, nodes: Iterable[Any] | None) -> None:
        """Look again at the plots among ``nodes``; None: at every one."""
        plots = self._page.plots if nodes is None else self._page.plots_among(nodes)
        now = self._clock()
        for plot in plots:
            self._touched.setdefault(plot, now)
        self._dirty.update(plots)

    def drawn(self, plot: type[Plot]) -> Drawn | None:
        """Return what a plot shows."""
        return self._drawn.get(plot)

    @property
    def has_failed(self) -> bool:
        """Whether some plot says why there is no newer picture."""
        return any(one.why is not None for one in self._drawn.values())

    def draw(self, plots: Iterable[type[Plot]], now: Moment, recent: Sequence[Moment]) -> None:
        """Bring ``plots`` up to date, as far as their answers are there."""
        for plot in plots:
            if plot in self._dirty and (plot.form() != "rows" or self._may_read()):
                self._dirty.discard(plot)
                self._draw(plot, now, recent)
        self._reading = False if self._reading else self._reading

    def _may_read(self) -> bool:
        """Whether read-outs may be written: a while after they have changed."""
        if self._reading is False:
            self._reading = None
            self._later(READ, self._read)
        return bool(self._reading)

    def _read(self) -> None:
        self._reading = True
        self._wake()

    def redraw(self, plot: type[Plot]) -> None:
        """Draw once more what a plot shows."""
        drawn = self._drawn.get(plot)
        if drawn is not None and drawn.picture is not None:
            self._screen.show(plot, drawn.picture)

    def _draw(self, plot: type[Plot], now: Moment, recent: Sequence[Moment]) -> None:
        """Draw the newest moment whose answers are all there, with the marks of the present."""
        found = now.plot(plot)
        if not isinstance(found, Missing):
            self._put(plot, found, now, now.is_behind(plot))
            return
        last = self._drawn.get(plot)
        older = list(reversed(recent))
        if last is not None and last.picture is not None:
            newer = [one for one in older if one.number > last.moment.number]
            older = [*newer, last.moment]  # so that a log toggle works meanwhile
        for moment in older:
            made = moment.plot(plot, now)
            if not isinstance(made, Missing):
                if last is not None and last.picture is not None and moment is last.moment:
                    break
                # An answer that was overtaken does not lift the veil, or a slow view would flicker.
                self._put(plot, made, moment, behind=True, veiled=last is not None and last.dimmed)
                return
        self._keep_or_blank(plot, now, found)

    def _put(
        self, plot: type[Plot], made: Plot, moment: Moment, behind: bool, veiled: bool = False
    ) -> None:
        parts, last = tuple(vars(made).values()), self._drawn.get(plot)
        self._touched.pop(plot, None)
        if last is not None and last.picture is not None and same(last.parts, parts):
            last.moment, last.why = moment, None
            self._mark(plot, last, behind)
            return
        try:
            picture = picture_of(made, moment, behind)
        except Exception as error:
            self._keep_or_blank(plot, moment, Missing(error))
            return
        self._drawn[plot] = new = Drawn(moment, parts, picture, dimmed=veiled)
        self._screen.show(plot, picture)
        if last is not None and last.dimmed and not veiled:
            self._screen.dim(plot, False)
        if behind:
            self._wait_to_dim(plot, new)

    def _keep_or_blank(self, plot: type[Plot], now: Moment, missing: Missing) -> None:
        """Keep the last good picture, behind; where there is none to keep, say why in words."""
        last, subject = self._drawn.get(plot), now.subject
        if last is not None and last.picture is not None:
            coming = missing.why is None and not isinstance(subject, Missing)
            if coming or self._page.keeps or same(last.picture.subject, subject):
                last.why = missing.why
                self._remake(plot, last, now)
                self._mark(plot, last, behind=True)
                return
        if last is None or last.picture is not None or last.why is not missing.why:
            if last is not None and last.dimmed:
                self._screen.dim(plot, False)
            self._drawn[plot] = Drawn(now, why=missing.why)
            self._screen.blank(plot, missing.why)

    def _remake(self, plot: type[Plot], last: Drawn, now: Moment) -> None:
        """Give a picture that stays the log flags and marks of the present."""
        shown = None if last.picture is None else vars(last.picture.plot)
        marks = now.marks(plot)
        if shown is None or all(same(shown[name], value) for name, value in marks.items()):
            return
        made = last.moment.plot(plot, now)
        if isinstance(made, Missing):
            return
        parts = tuple(vars(made).values())
        if not same(parts, last.parts):
            last.parts, last.picture = parts, picture_of(made, last.moment, behind=True)
            self._screen.show(plot, last.picture)

    def _mark(self, plot: type[Plot], drawn: Drawn, behind: bool) -> None:
        """Tell a plot that begins or ends to lag though nothing else has changed."""
        if drawn.picture is not None and drawn.picture.behind != behind:
            drawn.picture = replace(drawn.picture, behind=behind)
            self._screen.show(plot, drawn.picture)
        if behind and drawn.behind_since is None:
            self._wait_to_dim(plot, drawn)
        elif not behind:
            drawn.behind_since = None
            if drawn.dimmed:
                drawn.dimmed = False
                self._screen.dim(plot, False)

    def _wait_to_dim(self, plot: type[Plot], drawn: Drawn) -> None:
        now = self._clock()
        # What has waited to be looked at, as read-outs do, has been old all the while.
        drawn.behind_since = since = self._touched.get(plot, now)

        def look() -> None:
            if self._drawn.get(plot) is drawn and drawn.behind_since == since and not drawn.dimmed:
                drawn.dimmed = True
                self._screen.dim(plot, True)

        self._later(max(0.0, since + DIM_AFTER - now), look)
