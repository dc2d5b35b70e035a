"""Who shows arrays, and the window that is open for them: one for as many tests as can be."""

from __future__ import annotations

import os
import sys

import pytest

from tests.gui.link.callers import begin, end_process, own_environment, window_pid


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    made = own_environment(folder, RANKSCOPE_COMMAND=f"{sys.executable} -m gui --fresh")
    yield made
    place = folder / "run" / "rankscope"
    if (place / "socket").exists():
        end_process(window_pid(str(place)))


@pytest.fixture(scope="module")
def place(environment):
    return os.path.join(environment["XDG_RUNTIME_DIR"], "rankscope")


@pytest.fixture(scope="module")
def caller(environment):
    """Who has shown something: a window is open."""
    one = begin(environment)
    one.do("t = time.perf_counter(); h = show(begun=a); spent = time.perf_counter() - t")
    assert one.do("value = h.wait(60)") is True
    yield one
    one.end()


@pytest.fixture
def another(environment):
    one = begin(environment, name="/some/where/other.py")
    yield one
    if one.process.poll() is None:
        one.end()
