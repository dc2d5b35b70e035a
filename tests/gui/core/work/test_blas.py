"""One BLAS thread in the window; all cores in a worker process that is alone, its share beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui.core.work import blas
from gui.core.work.runner import Runner

WINDOW = """
import json, sys
from PySide6.QtWidgets import QApplication
import gui.__main__ as program
assert "numpy" not in sys.modules

def look(*_):
    import scipy.linalg
    from threadpoolctl import threadpool_info
    from gui.core.work.blas import cores
    threads = [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]
    print(json.dumps([threads, cores()]))
    return 0

QApplication.exec = look
program.main(["--fresh"])
"""


@pytest.fixture
def doubles(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import runner_doubles

    return runner_doubles


@pytest.fixture
def runner(qapp, doubles):
    runner = Runner()
    yield runner
    runner.shutdown()


def window_threads(**wish):
    environment = {name: text for name, text in os.environ.items() if name not in blas.VARIABLES}
    said = subprocess.run(
        [sys.executable, "-c", WINDOW],
        capture_output=True,
        text=True,
        check=True,
        env=environment | wish | {"QT_QPA_PLATFORM": "offscreen"},
    ).stdout
    return json.loads(said)


def test_the_window_computes_with_one_thread_and_its_workers_may_have_all_cores():
    threads, cores = window_threads()
    assert threads
    assert set(threads) == {1}
    assert cores == len(os.sched_getaffinity(0))


def test_the_wish_of_a_person_goes_to_the_workers():
    threads, cores = window_threads(OPENBLAS_NUM_THREADS="7")
    assert set(threads) == {1}
    assert cores == 7


def test_a_worker_that_is_alone_has_all_cores_and_two_share_them(
    runner, doubles, monkeypatch, qtbot, tmp_path
):
    # A test before this one may have started the program in this process, which looks once.
    monkeypatch.setattr(blas, "_wish", None)
    for name in blas.VARIABLES:
        monkeypatch.setenv(name, "2")
    found = {}
    first, second = doubles.BlasThreads(str(tmp_path / "go")), doubles.BlasThreads()
    channels = {id(first): "first", id(second): "second"}

    def done(request, result):
        found[channels[id(request)]] = result

    with qtbot.waitSignal(runner.progressed, timeout=30000):
        runner.submit("first", first, done)
    runner.submit("second", second, done)
    qtbot.waitUntil(lambda: "second" in found, timeout=30000)
    (tmp_path / "go").touch()
    qtbot.waitUntil(lambda: "first" in found, timeout=30000)
    assert found == {"first": {2}, "second": {1}}
    runner.submit("third", second, done)
    qtbot.waitUntil(lambda: not runner.is_busy(), timeout=30000)
    assert found["second"] == {2}
