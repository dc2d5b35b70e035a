"""Processes that read: asked, stopped, ended and replaced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.apart import ReaderLost, Readers
from engine.errors import FileError
from engine.jobs import Cancelled
from tests.engine.apart.reading_doubles import Asked
from tests.engine.apart.watching import Watched, lives


@pytest.fixture(scope="module")
def readers():
    made = Readers(("tests.engine.apart.reading_doubles", "no.such.module"))
    yield made
    made.close()


def test_answers_come_from_one_process_that_is_kept(readers):
    pid = readers.ask(Asked("pid"))
    assert pid != os.getpid()
    assert readers.ask(Asked("pid"), Watched()) == pid
    assert readers.pids() == (pid,)
    big = np.arange(1.0e6).reshape(1000, 1000)
    np.testing.assert_array_equal(readers.ask(Asked("double", big)), 2 * big)


def test_it_is_confined_as_it_says(readers):
    expected = {"landlock", "seccomp"} if sys.platform == "linux" else set()
    assert set(readers.ask(Asked("confined"))) <= expected


def test_what_a_library_prints_or_reads_is_not_taken_for_an_answer(readers):
    assert readers.ask(Asked("prints")) == ""


def test_errors_are_those_of_the_other_process(readers, caplog):
    with pytest.raises(FileError) as caught:
        readers.ask(Asked("fail"))
    assert caught.value.problem.values == {"n": 3}
    with pytest.raises(MemoryError):
        readers.ask(Asked("memory"))
    assert not caplog.records
    pid = readers.ask(Asked("pid"))
    with pytest.raises(RuntimeError, match="KeyError: 'b'"):
        readers.ask(Asked("mistake"))
    assert "in _mistake" in caplog.text
    assert readers.ask(Asked("pid")) == pid


@pytest.mark.parametrize("what", ["crash", "exit", "lie"])
def test_a_process_that_ends_or_lies_is_lost_and_the_next_answers(readers, what):
    with pytest.raises(ReaderLost):
        readers.ask(Asked(what))
    assert readers.ask(Asked("double", 2)) == 4


def test_one_that_died_while_nobody_asked_is_replaced(readers):
    pid = readers.ask(Asked("pid"))
    os.kill(pid, 9)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert readers.ask(Asked("pid")) != pid


def test_one_that_listens_is_stopped_and_stays(readers):
    pid, progress = readers.ask(Asked("pid")), Watched(asks=3)
    with pytest.raises(Cancelled):
        readers.ask(Asked("slow"), progress)
    assert progress.heard
    assert progress.heard[0].template == "row {row}"
    assert readers.ask(Asked("pid")) == pid


@pytest.mark.parametrize("what", ["loop", "talk"])
def test_one_that_does_not_listen_is_ended(readers, what):
    readers.ask(Asked("pid"))
    (pid,) = readers.pids()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        readers.ask(Asked(what), Watched(asks=3))
    assert time.monotonic() - began < 5
    assert not lives(pid)
    assert readers.ask(Asked("double", 3)) == 6


def test_several_are_asked_at_once_and_one_is_kept(readers):
    found, progress = [], Watched()

    def ask():
        with pytest.raises(Cancelled):
            readers.ask(Asked("loop"), progress)
        found.append(1)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert readers.ask(Asked("double", 1)) == 2
    progress.asks = 0
    for thread in threads:
        thread.join()
    assert found == [1, 1]
    assert len(readers.pids()) == 1


def test_warm_starts_one_and_no_second():
    readers = Readers(())
    try:
        readers.warm()
        (pid,) = readers.pids()
        readers.warm()
        assert readers.ask(Asked("pid")) == pid
    finally:
        readers.close()
    assert not lives(pid)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
@pytest.mark.parametrize("what", ["pid", "talk"])
def test_it_ends_with_the_process_that_asks(what):
    code = (
        "import sys, threading, time\n"
        "from engine.apart import Readers\n"
        "from tests.engine.apart.reading_doubles import Asked\n"
        "readers = Readers(())\n"
        "print(readers.ask(Asked('pid')), flush=True)\n"
        f"readers.ask(Asked({what!r}))\n"
        "input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    pid = int(process.stdout.readline())
    assert lives(pid)
    process.kill()
    process.communicate()
    limit = time.monotonic() + 30
    while lives(pid) and time.monotonic() < limit:
        threading.Event().wait(0.01)
    assert not lives(pid)
