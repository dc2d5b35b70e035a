"""Widgets that nobody holds any more are destroyed in the thread of the window."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from gui.core.work import garbage
from gui.core.work.garbage import Collecting


@pytest.fixture
def collecting(qapp):
    gc.enable()
    made = Collecting(qapp)
    yield made
    made.stop()
    made.deleteLater()
    assert gc.isenabled()


def dropped():
    """Make an object of Qt that only the collector can free; return who frees it, once known."""
    one, freed_by = QObject(), []
    one.itself = one
    weakref.finalize(one, lambda: freed_by.append(threading.current_thread()))
    return freed_by


def work(count=20_000):
    """Make many objects that hold each other, as computations do."""
    for _ in range(count):
        one = []
        one.append(one)


def test_what_is_dropped_is_freed_in_the_thread_of_the_window(qtbot, collecting):
    freed_by = dropped()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert freed_by == [], "not in the midst of what another thread does"
    work()
    assert freed_by == [], "nor in the midst of what this one does"
    qtbot.waitUntil(lambda: freed_by != [], timeout=20_000)
    assert freed_by == [threading.current_thread()]


def test_the_older_generations_are_due_as_often_as_python_would_collect_them(
    collecting, monkeypatch
):
    collected = []
    monkeypatch.setattr(garbage.gc, "collect", collected.append)
    monkeypatch.setattr(garbage.gc, "get_threshold", lambda: (700, 10, 10))
    for count in (700, 701, *[1400] * 5, *[70_001] * 10):
        monkeypatch.setattr(garbage.gc, "get_count", lambda count=count: (count, 0, 0))
        collecting.collect()
    # A hundred times the threshold of the youngest is one of the oldest.
    assert collected == [0, 0, 0, 0, 0, 1, *[2] * 10]


def test_where_a_person_has_switched_it_off_it_stays_off(qapp):
    gc.disable()
    try:
        made = Collecting(qapp)
        made.stop()
        made.deleteLater()
        assert not gc.isenabled()
    finally:
        gc.enable()
