"""A conductor without threads, widgets and time: a runner that answers when told, a clock that
moves when told, a screen that remembers what it was told."""

from __future__ import annotations

from typing import Any

from gui.core.state.document import Opened
from gui.core.state.signal import Signal
from gui.core.state.store import Store
from gui.core.work.conductor import Conductor


class Runner:
    """Keeps what it was asked; per channel one running and the newest waiting, as the real one."""

    def __init__(self):
        self.finished, self.jobs = Signal(), []
        self.submitted, self.fed = [], {}

    def submit(self, channel, request, done, failed, *, live, title, fed=None):
        mine = [job for job in self.jobs if job[0] == channel]
        if not live:
            self.jobs = [job for job in self.jobs if job[0] != channel]
        elif len(mine) > 1:
            self.jobs.remove(mine[-1])
        self.jobs.append((channel, request, done, title))
        self.fed[channel] = fed
        self.submitted.append(channel)

    def cancel(self, channel):
        had = any(job[0] == channel for job in self.jobs)
        self.jobs = [job for job in self.jobs if job[0] != channel]
        if had:
            self.finished.emit(channel)

    def answer(self, name, which=-1):
        """Let the job on channel ``name`` answer: the newest, or the running one (which=0)."""
        job = [job for job in self.jobs if job[0].partition(".")[2] == name][which]
        if which == -1:
            self.jobs = [one for one in self.jobs if one[0] != job[0] or one is job]
        self.jobs.remove(job)
        try:
            found = job[1].run()
        except Exception as error:
            found = error
        job[2](job[1], found)
        if not any(one[0] == job[0] for one in self.jobs):
            self.finished.emit(job[0])

    def feed(self, name, *parts):
        """Let the job on channel ``name`` hand over parts of its answer."""
        job = next(job for job in self.jobs if job[0].partition(".")[2] == name)
        self.fed[job[0]](job[1], parts)

    def fail(self, name, error):
        job = next(job for job in self.jobs if job[0].partition(".")[2] == name)
        self.jobs.remove(job)
        job[2](job[1], error)
        self.finished.emit(job[0])

    @property
    def asked(self):
        return sorted(job[0].partition(".")[2] for job in self.jobs)

    def request(self, name):
        return next(job[1] for job in self.jobs if job[0].partition(".")[2] == name)


class Rig:
    """One conducted page; ``told`` gathers (plot name, note, behind)."""

    def __init__(self, page, data: Any = "a", more=None, state=None):
        self.page, self.data, self.more = page, data, dict(more or {})
        self.time, self.timers = 0.0, []
        self.told, self.blanks, self.dimmed, self.changes = [], [], [], []
        self.up = True
        self.store = Store({page.key: state or page.state(), "selection": 0})
        self.runner = Runner()
        self.c = Conductor(
            page, self.store, self.runner, self.given, self, self.later, lambda: self.time
        )

    def given(self):
        data = {} if self.data is None else {Opened: self.data}
        return {**data, **self.more}

    def later(self, seconds, call):
        self.timers.append((self.time + seconds, call))

    def pass_time(self, seconds):
        """Let time pass; timers are called when they are due."""
        end = self.time + seconds
        while due := sorted((one for one in self.timers if one[0] <= end), key=lambda one: one[0]):
            self.timers.remove(due[0])
            self.time = max(self.time, due[0][0])
            due[0][1]()
        self.time = end

    # -- the screen -------------------------------------------------------------------------

    def is_visible(self):
        return self.up

    def show(self, plot, picture):
        self.told.append((plot.key.partition(".")[2], picture.drawn.note, picture.behind))

    def blank(self, plot, why):
        self.blanks.append((plot.key.partition(".")[2], str(why or "")))

    def dim(self, plot, on):
        self.dimmed.append((plot.key.partition(".")[2], on))

    def tell(self, now, changed):
        self.changes.append(changed)

    # -- what a test asks -------------------------------------------------------------------

    def shown(self, name):
        """Return every (note, behind) that a plot was told to show."""
        return [one[1:] for one in self.told if one[0] == name]

    def failures(self):
        return [str(one.error) for one in self.c.failures()]

    def value(self, name):
        return self.c.present().look(self.page.parameters[name])
