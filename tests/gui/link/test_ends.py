"""Scripts that end, windows that are busy, hang or die: nothing is lost, and nobody waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.gui.link.callers import (
    Refused,
    end_process,
    names,
    state,
    window_pid,
)


def test_a_script_that_ends_with_the_call_has_shown_it(environment, caller):
    code = """
import numpy as np, rankscope
rankscope.show(last=np.eye(4))
rankscope.show(last=np.eye(5))
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    said = state(caller)
    mine = next(one for one in said["sources"] if one["name"] == "last")
    assert mine["from"].startswith("python (")
    assert mine["from"].endswith(", ended")


def test_a_script_that_ends_before_it_is_heard_has_shown_all(environment, caller, place):
    code = """
import numpy as np, rankscope
for name in ("first", "second", "third"):
    for size in range(3, 30):
        rankscope.show(**{name: np.eye(size)})
"""
    window = window_pid(place)
    os.kill(window, signal.SIGSTOP)
    try:
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    finally:
        os.kill(window, signal.SIGCONT)
    assert {"first", "second", "third"} <= set(names(state(caller)))
    for name in ("first", "second", "third"):
        assert sum(one["name"] == name for one in state(caller)["sources"]) == 1


def test_of_many_names_none_is_lost_while_the_window_is_busy(another, place):
    another.do("h = show(a); assert h.wait(60)")
    window = window_pid(place)
    os.kill(window, signal.SIGSTOP)
    try:
        code = """
spent = []
for number in range(80):
    t = time.perf_counter()
    h = show(**{f"layer.{number}": np.eye(5)})
    spent.append(time.perf_counter() - t)
value = max(spent)
"""
        spent = another.do(code)
    finally:
        os.kill(window, signal.SIGCONT)
    assert spent < 0.5  # 0.04 of waiting at most; the bound is of a busy machine
    assert another.do("value = h.wait(60)") is True
    assert sum(one.startswith("layer.") for one in names(another.do("value = h.state()"))) == 80


def test_what_shows_nothing_for_want_of_open_files_says_so(environment, caller):
    code = """
import resource, numpy as np, rankscope
assert rankscope.show(few=np.eye(4)).wait(60)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
files = []
try:
    while True:
        files.append(open("/dev/null"))
except OSError:
    pass
try:
    rankscope.show(many=np.eye(4))
except rankscope.RankscopeError as error:
    said = str(error)
for one in files:
    one.close()
assert said == "many cannot be shown: Too many open files.", said
assert rankscope.show(many=np.eye(4)).wait(60)
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


def test_a_forked_child_that_ends_at_once_has_shown_it(caller):
    code = """
child = os.fork()
if child == 0:
    try:
        show(of_the_child=a + 1)
    finally:
        os._exit(0)
os.waitpid(child, 0)
"""
    caller.do(code)
    assert "of_the_child" in names(state(caller))


def test_a_caller_that_is_killed_leaves_its_array(caller, another):
    another.do("h = show(left=a); assert h.wait(60)")
    another.kill()
    said = state(caller)
    mine = next(one for one in said["sources"] if one["name"] == "left")
    assert mine["from"] == f"other.py ({another.pid}), ended"


def test_thirty_updates_a_second_are_all_taken_and_the_last_is_drawn(caller):
    code = """
big = np.random.default_rng(1).normal(size=(1000, 500))
spent, begun = [], time.perf_counter()
pause = __import__("threading").Event()
for i in range(30):
    big[0, 0] = 100 * i
    t = time.thread_time()
    h = show(big)
    spent.append(time.thread_time() - t)
    pause.wait(max(0.0, (i + 1) / 30 - (time.perf_counter() - begun)))
assert h.wait(60)
f = h.figure("spectrum")
value = [float(np.median(spent)), float(abs(f.series[0].y[0] - sigma(big)[0]))]
"""
    spent, off = caller.do(code)
    assert spent < 0.01  # 4 ms on a quiet machine; the bound is of a busy one
    assert off < 1e-6


def test_what_a_loop_keeps_for_its_next_array_is_no_childs_and_goes_after_it(caller):
    code = """
def kept():
    found = 0
    for number in os.listdir("/proc/self/fd"):
        try: found += os.fstat(int(number)).st_size == much.nbytes
        except OSError: pass
    return found
pause, seen, much = __import__("threading").Event(), [], np.zeros((304, 400))
for i in range(400):
    much[0, 0] = i
    seen.append(kept())
    h = show(much)
    seen.append(kept())
    if i > 5 and max(seen): break
    pause.wait(0.02)
child = os.fork()
if child == 0:
    os._exit(kept())
ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert h.wait(60)
top = float(h.figure("spectrum").series[0].y[0])
until = time.monotonic() + 60
while kept() and time.monotonic() < until: pause.wait(0.1)
value = [max(seen), ended, kept(), top - i]
"""
    most, of_the_child, after, off = caller.do(code)
    assert 1 <= most <= 2
    assert (of_the_child, after) == (0, 0)
    assert abs(off) < 1e-9


def test_a_window_that_hangs_stops_nobody_and_few_arrays_wait(caller, place):
    window = window_pid(place)
    os.kill(window, signal.SIGSTOP)
    try:
        code = """
t = time.perf_counter()
for i in range(60): h = show(a)
spent = time.perf_counter() - t
links = []
for number in os.listdir("/proc/self/fd"):
    try: links.append(os.readlink(f"/proc/self/fd/{number}"))
    except OSError: pass
value = [spent, sum("memfd:rankscope " in one for one in links), h.wait(0.05)]
"""
        spent, waiting, drawn = caller.do(code)
    finally:
        os.kill(window, signal.SIGCONT)
    assert spent < 4.0
    assert waiting <= 2
    assert drawn is False
    assert caller.do("value = h.wait(60)") is True


def test_a_window_that_dies_is_told_and_the_next_call_opens_another(another, place):
    another.do("h = show(a); assert h.wait(60)")
    end_process(window_pid(place))
    for code in ("h.wait(60)", "h.state()", "h.figure('spectrum')"):
        with pytest.raises(Refused, match="closed") as refused:
            another.do(code)
        assert refused.value.kind == "RankscopeError"
    another.do("h = show(a); assert h.wait(60)")
    assert names(another.do("value = h.state()"))[0] == "a"
