"""The kernels are made in a process of their own and loaded when it has ended well."""

from __future__ import annotations

import pytest

import engine.topk
from gui.window.warming import _MAKE, Warming


@pytest.fixture
def warmed(monkeypatch):
    calls = []
    monkeypatch.setattr(engine.topk, "warm", lambda *keys, **how: calls.append((keys, how)))
    return calls


def test_what_a_process_has_made_is_loaded(qapp, qtbot, warmed):
    warming = Warming(qapp, "from engine.topk import warm; assert warm([], wait=True)")
    warming.start(0)
    qtbot.waitUntil(lambda: warmed == [((), {})], timeout=60000)
    warming.stop()


def test_nothing_is_loaded_that_could_not_be_made(qapp, qtbot, warmed):
    warming = Warming(qapp, "raise SystemExit(3)")
    with qtbot.waitSignal(warming._process.finished, timeout=60000):
        warming.start(0)
    warming.stop()
    assert warmed == []


def test_the_process_ends_with_the_program(qapp, qtbot, warmed):
    warming = Warming(qapp, "import time; time.sleep(60)")
    with qtbot.waitSignal(warming._process.started, timeout=60000):
        warming.start(0)
    warming.stop()
    assert warming._process.state() == warming._process.ProcessState.NotRunning
    assert warmed == []


def test_what_is_run_is_python():
    compile(_MAKE, "make", "exec")
