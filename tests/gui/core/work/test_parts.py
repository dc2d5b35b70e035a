"""Answers that come part by part: through the runner, and as the conductor has them shown."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from gui.core.declare.marks import answer_of
from gui.core.declare.page import Page
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Figure
from gui.core.work.runner import Runner
from tests.support.conducted import Rig
from tests.support.conducted_pages import Load


@pytest.fixture
def doubles(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import runner_doubles

    return runner_doubles


@pytest.fixture
def runner(qapp):
    runner = Runner()
    yield runner
    runner.shutdown()


class Log:
    def __init__(self):
        self.results, self.threads = [], set()

    def done(self, request, result):
        self.threads.add(threading.get_ident())
        self.results.append(result)

    @property
    def both(self):
        return self.done, self.done


@pytest.fixture
def log():
    return Log()


# -- the runner ---------------------------------------------------------------------------------


@pytest.fixture
def feeding(runner, doubles, log, qtbot):
    request, told = doubles.Feeding(), []

    def fed(asked, parts):
        log.threads.add(threading.get_ident())
        told.append((time.monotonic(), asked, list(parts)))

    runner.submit("a", request, *log.both, fed=fed)
    qtbot.waitUntil(request.put.is_set)
    return request, told


def test_parts_come_in_order_in_the_gui_thread_before_the_end(feeding, runner, log, qtbot):
    request, told = feeding
    for part in range(500):
        request.feed(part)
    qtbot.waitUntil(lambda: sum(len(parts) for _, _, parts in told) == 500)
    assert [part for _, _, parts in told for part in parts] == list(range(500))
    assert {asked for _, asked, _ in told} == {request}
    assert log.threads == {threading.get_ident()}
    assert runner.worker_pids() == ()  # in a thread, however long it takes
    assert log.results == []
    request.end.set()
    qtbot.waitUntil(lambda: not runner.is_busy())
    assert log.results == ["all"]


def test_parts_come_at_most_ten_times_a_second(feeding, runner, qtbot):
    request, told = feeding
    for _ in range(4):
        seen = len(told)
        for part in range(20):
            request.feed(part)
        qtbot.waitUntil(lambda seen=seen: len(told) > seen)
    gaps = np.diff([when for when, _, _ in told])
    assert gaps.min() > 0.095
    request.end.set()
    qtbot.waitUntil(lambda: not runner.is_busy())


@pytest.mark.parametrize("what", ["cancel", "submit"])
def test_parts_of_what_was_dropped_are_dropped(what, feeding, runner, doubles, log, qtbot):
    request, told = feeding
    request.feed(1)
    if what == "cancel":
        runner.cancel("a")
    else:
        runner.submit("a", doubles.Value("new"), *log.both)
    request.feed(2)
    qtbot.waitUntil(lambda: not runner.is_busy())
    pause = QTimer(singleShot=True, interval=150)
    with qtbot.waitSignal(pause.timeout):
        pause.start()
    assert told == []


# -- the conductor ------------------------------------------------------------------------------


class Rows(Step, key="rows", feeds=True):
    matrix: list[str] = answer_of(Load)

    @property
    def cost(self):
        return 0.2

    def run(self, progress=None, feed=None):
        return (*self.matrix, "all")

    def so_far(self, parts, before):
        return (*(before or ()), *parts)


class Grown(Plot, key="p.grown", title="Grown"):
    found: tuple[str, ...] = answer_of(Rows)
    grown_log: bool = toggle(False, axis="y")

    def figure(self):
        return Figure(note=f"{' '.join(map(str, self.found))} {self.grown_log}")


@pytest.fixture
def growing():
    rig = Rig(Page("p", "P", (Grown,)))
    rig.c.update()
    rig.runner.answer("matrix")
    return rig


def test_what_is_there_of_a_growing_answer_is_drawn_and_not_dimmed(growing):
    growing.runner.feed("rows", 1, 2)
    growing.pass_time(1.0)
    assert growing.shown("grown") == [("1 2 False", False)]
    growing.runner.feed("rows", 3)
    growing.pass_time(1.0)
    assert growing.shown("grown")[-1] == ("1 2 3 False", False)
    assert growing.dimmed == []
    growing.c.edit("grown_log", True)
    growing.pass_time(1.0)
    assert growing.shown("grown")[-1] == ("1 2 3 True", False)
    assert growing.runner.submitted.count("p.rows") == 1
    growing.runner.answer("rows")
    assert growing.shown("grown")[-1] == ("a all True", False)


def test_what_was_there_stays_when_it_is_cancelled_and_is_added_to_when_asked_again(growing):
    growing.runner.feed("rows", 1)
    growing.runner.cancel("p.rows")
    growing.pass_time(1.0)
    assert growing.shown("grown")[-1] == ("1 False", False)
    assert growing.c.is_stopped
    assert growing.runner.asked == []
    growing.c.again()
    growing.runner.feed("rows", 2)
    growing.pass_time(1.0)
    assert growing.shown("grown")[-1] == ("1 2 False", False)
    assert not growing.c.is_stopped


def test_what_comes_of_a_growing_answer_out_of_sight_is_there_on_the_way_back(growing):
    growing.runner.feed("rows", 1)
    growing.pass_time(1.0)
    growing.up = False
    growing.c.update()
    growing.runner.feed("rows", 2)
    growing.pass_time(1.0)
    assert growing.shown("grown") == [("1 False", False)]
    growing.up = True
    growing.c.update()
    growing.pass_time(1.0)
    assert growing.shown("grown")[-1] == ("1 2 False", False)
    assert growing.runner.asked == ["rows"]


def test_a_growing_answer_of_other_data_is_not_shown(growing):
    growing.runner.feed("rows", 1)
    growing.data = "b"
    growing.c.update()
    growing.pass_time(1.0)
    assert growing.runner.asked == ["matrix"]
    assert growing.shown("grown") in ([("1 False", False)], [("1 False", False), ("1 False", True)])
