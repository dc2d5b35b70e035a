"""Freed memory goes back to the system: few pools, no matrices in them, given back at rest."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QObject, Signal

from gui.core.work import memory
from gui.core.work.memory import GivingBack

linux = pytest.mark.skipif(memory._libc() is None, reason="where glibc is the C library")

PROGRAM = """
import ctypes, threading, sys
from gui.core.work.memory import keep_few_pools
if sys.argv[1] == "few":
    keep_few_pools()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
all_there = threading.Barrier(6)
def take():
    all_there.wait()
    for _ in range(50):
        libc.free(ctypes.c_void_p(libc.malloc(ctypes.c_size_t(100_000))))
    all_there.wait()
threads = [threading.Thread(target=take) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
def kilobytes():
    return int(next(l for l in open("/proc/self/statm")).split()[1]) * 4
# A matrix of 20 MB between two small blocks, freed after others of its kind have been.
for _ in range(3):
    libc.free(ctypes.c_void_p(libc.malloc(ctypes.c_size_t(20 << 20))))
before = kilobytes()
block = libc.malloc(ctypes.c_size_t(20 << 20))
ctypes.memset(block, 1, 20 << 20)
small = libc.malloc(ctypes.c_size_t(1000))
libc.free(ctypes.c_void_p(block))
print(kilobytes() - before)
sys.stdout.flush()
out = ctypes.c_void_p.in_dll(libc, "stdout")
libc.malloc_info(0, out)
libc.fflush(out)
"""


def told(few):
    command = [sys.executable, "-c", PROGRAM, "few" if few else "many"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.count("<heap nr="), int(text.splitlines()[0])


@linux
def test_threads_share_two_pools_and_a_freed_matrix_is_gone():
    pools, kept = told(few=True)
    assert pools <= memory.POOLS
    assert kept < 1000  # of 20,480 kilobytes
    pools, kept = told(few=False)
    assert pools > memory.POOLS  # what the program would do
    assert kept > 10_000


class Work(QObject):
    busy_changed = Signal(bool)

    def __init__(self):
        super().__init__()
        self.busy, self.asked = False, 0

    def is_busy(self):
        self.asked += 1
        return self.busy

    def ends(self):
        self.busy_changed.emit(False)


@pytest.fixture
def work(qapp, monkeypatch):
    monkeypatch.setattr(memory, "REST", 5)
    return Work()


def test_memory_is_given_back_once_the_work_has_rested(work, qtbot):
    given = []
    giving = GivingBack(work, work, lambda: given.append(work.busy))
    work.busy_changed.emit(True)
    assert given == []
    work.ends()
    work.busy = True  # it goes on at once
    qtbot.waitUntil(lambda: work.asked > 2)
    assert given == []
    work.busy = False
    qtbot.waitUntil(lambda: bool(given))
    assert given == [False]
    assert not giving._timer.isActive()  # nothing wakes a window that does nothing


def test_work_without_a_rest_does_not_keep_memory_for_ever(work, qtbot, monkeypatch):
    monkeypatch.setattr(memory, "LONGEST", 0.05)
    given = []
    giving = GivingBack(work, work, lambda: given.append(work.busy))
    work.busy = True
    work.ends()
    qtbot.waitUntil(lambda: bool(given))
    assert given == [True]
    work.busy = False
    work.ends()
    giving.stop()
    work.ends()
    assert not giving._timer.isActive()  # nothing wakes a program that ends


def test_giving_back_is_harmless():
    memory.give_back()
