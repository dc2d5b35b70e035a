"""Long requests: sent to a process, killed on cancel, and nothing left in shared memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from gui.core.work.job_threads import NICE
from gui.core.work.runner import Runner, WorkerError, WorkerLost

HERE = Path(__file__).parent
SHARED = Path("/dev/shm")


@pytest.fixture
def doubles(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import runner_doubles

    return runner_doubles


@pytest.fixture
def runner(qapp, doubles):
    runner = Runner()
    yield runner
    runner.shutdown()
    assert not [pid for pid in runner.worker_pids() if doubles.process_exists(pid)]
    assert _segments() == []


def _segments(pid=None):
    """The shared memory made by a process, this one by default."""
    return list(SHARED.glob(f"rk{pid or os.getpid():x}-*"))


@pytest.fixture
def ask(runner, qtbot):
    """Run a request to its end and return its result or its error."""

    def ask(request, channel="a"):
        answers = []
        with qtbot.waitSignal(runner.finished, timeout=30000):
            runner.submit(
                channel, request, lambda _, r: answers.append(r), lambda _, e: answers.append(e)
            )
        return answers[0]

    return ask


@pytest.fixture
def start(runner, qtbot):
    """Start a request that reports, and return the process it runs in."""

    def start(request, channel="a", calls=None):
        heard = [] if calls is None else calls
        with qtbot.waitSignal(
            runner.progressed, timeout=30000, check_params_cb=lambda *args: args[2] == "started"
        ):
            runner.submit(channel, request, lambda *a: heard.append(a), lambda *a: heard.append(a))
        return runner.worker_pids()[-1]

    return start


@pytest.mark.parametrize("size", [10, 1000])
def test_arrays_go_there_and_back_bit_for_bit(size, ask, doubles):
    array = np.random.default_rng(size).standard_normal((size, size))
    array.flags.writeable = False
    result = ask(doubles.Double(array))
    np.testing.assert_array_equal(result["twice"], array * 2)
    if array.nbytes > 1 << 20:
        assert result["writeable"] is False
        assert result["twice"].flags.writeable is False


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("layout", ["transposed", "strided", "fortran", "float32", "object"])
def test_any_layout_of_array_travels(layout, ask, doubles):
    array = np.random.default_rng(1).standard_normal((700, 900))
    array = {
        "transposed": array.T,
        "strided": array[::2, ::3],
        "fortran": np.asfortranarray(array),
        "float32": array.astype(np.float32),
        "object": array[:300].astype(object),
    }[layout]
    result = ask(doubles.Double(array))["twice"]
    assert result.dtype == array.dtype
    np.testing.assert_array_equal(result, array * 2)


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("view", ["whole", "rows", "strided", "transposed", "plain", "modified"])
def test_mapped_file_is_mapped_again(view, ask, doubles, tmp_path):
    path = tmp_path / "matrix.bin"
    data = np.arange(1200 * 1000, dtype=np.float64).reshape(1200, 1000)
    with path.open("wb") as file:
        file.write(b"header of 17 byte")
        file.write(data.tobytes())
    mode = "c" if view == "modified" else "r"
    mapped = np.memmap(path, np.float64, mode, 17, (1200, 1000))
    if view == "modified":
        mapped[3, 4] = -1.0  # changed in memory only: the file must not be read for it
    picked = {
        "rows": lambda a: a[500:1100],
        "strided": lambda a: a[100::2, 5:900:3],
        "transposed": lambda a: a[50:].T,
        "plain": lambda a: np.asarray(a)[100:],
    }.get(view, lambda a: a)(mapped)
    base, total, copy = ask(doubles.WhatIsMapped(picked))
    np.testing.assert_array_equal(copy, picked)
    assert total == float(np.asarray(picked).sum())
    assert (base == "memmap") == (view != "modified")


def test_child_imports_no_qt_and_no_main_module(ask, doubles):
    assert (
        ask(doubles.Modules(("PySide6", "pyqtgraph", "matplotlib", "_pytest", "gui.core.run")))
        == []
    )


def test_error_of_the_request_arrives_whole(ask, doubles):
    error = ask(doubles.Value(doubles.ArrayError("3 entries are NaN.", (1, 2)), cost=1.0))
    assert type(error) is doubles.ArrayError
    assert (str(error), error.first) == ("3 entries are NaN.", (1, 2))


def test_an_answer_for_people_leaves_no_trace_in_the_log_a_mistake_does(ask, doubles, caplog):
    ask(doubles.Value(WorkerLost("The memory is used up."), cost=1.0))
    assert "Traceback" not in caplog.text
    ask(doubles.Value(KeyError("b"), cost=1.0))
    assert "in the worker process" in caplog.text


def test_error_that_cannot_be_pickled_still_says_what_happened(ask, doubles):
    error = ask(doubles.RaisesUnportable())
    assert type(error) is WorkerError
    assert "too deep" in str(error)


def test_unsendable_request_and_result_are_sentences(ask, doubles):
    assert "cannot be sent to the worker" in str(ask(doubles.Value(lambda: 0, cost=1.0)))
    assert "cannot be sent back" in str(ask(doubles.Unsendable()))
    assert ask(doubles.Value(3, cost=1.0)) == 3


def test_worker_that_dies_fails_its_channel_only(runner, ask, doubles, start):
    start(doubles.Forever(), channel="other")
    error = ask(doubles.Dies())
    assert isinstance(error, WorkerLost)
    assert "exit code 7" in str(error)
    assert runner.is_busy("other")
    assert ask(doubles.Value("still here", cost=1.0)) == "still here"


def test_worker_killed_from_outside_is_lost(runner, doubles, start, qtbot):
    calls = []
    pid = start(doubles.Forever(np.ones((600, 600))), calls=calls)
    with qtbot.waitSignal(runner.finished):
        os.kill(pid, signal.SIGKILL)
    assert isinstance(calls[0][1], WorkerLost)


def test_worker_killed_while_idle_is_replaced(runner, ask, doubles, qtbot):
    assert ask(doubles.Value(1, cost=1.0)) == 1
    (pid,) = runner.worker_pids()
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not doubles.process_exists(pid))
    assert ask(doubles.Value(2, cost=1.0)) == 2


def test_cancel_kills_the_process_within_200_ms(runner, doubles, start, qtbot):
    calls = []
    pid = start(doubles.Forever(np.ones((1200, 1200))), calls=calls)
    begin = time.perf_counter()
    runner.cancel("a")
    returned = time.perf_counter() - begin
    qtbot.waitUntil(lambda: not doubles.process_exists(pid), timeout=2000)
    gone = time.perf_counter() - begin
    assert returned < 0.05
    assert gone < 0.2
    assert not runner.is_busy()
    qtbot.waitUntil(lambda: pid not in runner.worker_pids())
    assert calls == []


def test_overtaken_long_request_is_killed(runner, ask, doubles, start, qtbot):
    pid = start(doubles.Forever())
    assert ask(doubles.Value("new", cost=1.0)) == "new"
    assert not doubles.process_exists(pid)


def test_more_long_requests_than_processes_wait_their_turn(runner, doubles, qtbot):
    results = []
    matrix = np.random.default_rng(0).standard_normal((50, 50))
    for index in range(5):
        runner.submit(str(index), doubles.Svd(matrix), lambda _, r: results.append(r))
    qtbot.waitUntil(lambda: not runner.is_busy(), timeout=30000)
    assert len(results) == 5
    assert len(runner.worker_pids()) <= 2


def test_progress_over_the_pipe_is_throttled_and_complete(runner, doubles, qtbot):
    heard = []
    runner.progressed.connect(lambda channel, fraction, text: heard.append(text))
    with qtbot.waitSignal(runner.finished, timeout=30000):
        runner.submit("a", doubles.Chatty(50000, cost=1.0), lambda *_: None)
    assert heard[-1] == "step 50000"
    assert len(heard) < 60


def test_prewarmed_worker_is_used(runner, ask, doubles, qtbot):
    runner.prewarm()
    runner.prewarm()
    qtbot.waitUntil(lambda: len(runner.worker_pids()) == 1)
    (pid,) = runner.worker_pids()
    assert ask(doubles.Value(1, cost=1.0)) == 1
    assert runner.worker_pids() == (pid,)


def test_many_cancels_leave_no_memory_and_no_process(runner, ask, doubles):
    matrix = np.ones((500, 500))
    for _ in range(10):
        runner.submit("a", doubles.Forever(matrix), lambda *_: None)
        runner.cancel("a")
    assert ask(doubles.Value("alive", cost=1.0)) == "alive"


def test_shutdown_kills_running_processes_within_a_second(runner, doubles, start):
    pids = [start(doubles.Forever(np.ones((600, 600))), channel=c) for c in "ab"]
    begin = time.perf_counter()
    runner.shutdown()
    assert time.perf_counter() - begin < 1.0
    assert not [pid for pid in pids if doubles.process_exists(pid)]


def test_program_that_never_shuts_down_leaves_no_warning_and_no_process(doubles):
    """Also when the main program is a plain script, and when it is cancelled in mid-result."""
    script = textwrap.dedent(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        import os
        print("main runs", os.getpid())
        from PySide6.QtCore import QCoreApplication, QTimer
        import numpy as np
        import runner_doubles as doubles
        from gui.core.work.runner import Runner
        app = QCoreApplication([])
        runner = Runner()
        runner.submit("a", doubles.Double(np.ones((800, 800))), lambda *_: None)
        runner.submit("b", doubles.Forever(np.ones((800, 800))), lambda *_: None)
        runner.finished.connect(lambda name: app.quit())
        QTimer.singleShot(20000, app.quit)
        app.exec()
        print(*runner.worker_pids())
        """
    )
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(HERE)],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("main runs")
    assert len(lines) == 2  # the child has not run the script again
    assert "resource_tracker" not in done.stderr
    assert "leaked" not in done.stderr
    assert not [pid for pid in map(int, lines[1].split()) if doubles.process_exists(pid)]
    assert _segments(int(lines[0].split()[-1])) == []


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="priorities of Unix")
def test_a_worker_comes_second_from_its_first_moment(runner, qtbot):
    runner.prewarm()
    qtbot.waitUntil(lambda: bool(runner.worker_pids()))
    pid = runner.worker_pids()[0]
    wanted = min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19)
    # The process is in the list before it has imported anything.
    qtbot.waitUntil(lambda: os.getpriority(os.PRIO_PROCESS, pid) == wanted, timeout=2000)


def test_a_mapped_file_that_has_gone_is_said_and_another_of_its_name_not_taken(tmp_path):
    from engine.files import open_matrix_file
    from engine.files.reading import mapped
    from gui.core.work.shipping import FileLost, pack, unpack

    path = tmp_path / "m.npy"
    np.save(path, np.ones((3000, 3000)))
    array = open_matrix_file(path).read("m")
    assert array.nbytes > mapped._COPY_BYTES
    parcel, memory = pack(array, "rk-test-lost")
    assert memory is None  # it travels by name
    np.save(tmp_path / "other.npy", np.zeros((3000, 3000)))
    (tmp_path / "other.npy").replace(path)
    again, memory = pack(array, "rk-test-copied")
    try:
        found, _ = unpack(again, copy=True)
        assert found.min() == 1.0
    finally:
        if memory is not None:
            memory.close()
            memory.unlink()
    path.write_bytes(b"short")
    with pytest.raises(FileLost, match=r"m\.npy was cut short"):
        unpack(parcel, copy=True)
