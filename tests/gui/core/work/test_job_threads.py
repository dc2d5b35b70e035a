"""The threads that compute leave the window its core."""

from __future__ import annotations

import os
import threading

import pytest

from gui.core.work.job_threads import SLIGHTLY_NICE, JobThreads


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="priorities of threads on Linux")
def test_threads_that_compute_come_a_little_after_the_window():
    threads, found, done = JobThreads(), [], threading.Event()

    def look():
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        done.set()

    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    threads.submit(look)
    assert done.wait(10)
    assert threads.close(5.0)
    assert found == [min(own + SLIGHTLY_NICE, 19)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
