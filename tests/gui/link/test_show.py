"""Two processes: one shows arrays, the other is the window, one for as many tests as can be."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.gui.link.callers import (
    ROOT,
    Refused,
    begin,
    names,
    own_environment,
    state,
    window_pid,
)


def test_an_array_comes_into_the_window_with_its_name_and_process(caller):
    assert caller.do("value = spent") < 2.0  # a window was started
    caller.do("h = show(a, page='spectrum', rank=5)")
    assert caller.do("value = h.wait(60)") is True
    said = caller.do("value = h.state()")
    assert (said["page"], said["array"], said["dtype"]) == ("spectrum", "a", "float64")
    assert caller.do("s = h.state(); value = s['shape'] == (40, 30)")
    assert said["sources"][0] == {"name": "a", "from": f"caller.py ({caller.pid})"}
    assert said["spectrum"]["rank"] == 5


def test_its_figure_comes_back_as_numbers_and_as_a_picture(caller):
    code = (
        "f = h.figure('spectrum'); value = [f.key, float(np.abs(f.series[0].y - sigma(a)).max())]"
    )
    key, off = caller.do(code)
    assert key == "spectrum.values"
    assert off < 1e-12
    assert "<svg" in caller.do("value = f._repr_svg_()")
    # One that is not on the screen is computed.
    caller.do("f = h.figure('spectrum.error')")
    code = "value = [f.key, bool(np.isfinite(f.series[0].y).any())]"
    assert caller.do(code) == ["spectrum.error", True]
    assert caller.do("value = h.figure('energy').y.label").startswith("energy share")
    assert caller.do("t = h.figure('spectrum.rules'); value = len(t.cells)") > 3
    assert caller.do("value = t._repr_markdown_()").startswith("### ")
    with pytest.raises(Refused, match="no figure “nonsense”"):
        caller.do("h.figure('nonsense')")


def test_the_same_name_again_updates_and_keeps_what_is_set(caller):
    t = caller.do("t = time.perf_counter(); b = a; a = a * 3; value = time.perf_counter() - t")
    assert t < 1
    said = state(caller)
    assert said["spectrum"]["rank"] == 5
    assert names(said).count("a") == 1
    code = "f = h.figure('spectrum'); value = float(np.abs(f.series[0].y - sigma(a)).max())"
    assert caller.do(code) < 1e-11
    caller.do("a = np.ones((9, 50)) + np.eye(9, 50)")
    said = state(caller)
    assert said["spectrum"]["rank"] == 5
    assert said["shape"] == [9, 50]
    caller.do("a = b")


def test_what_is_shown_is_the_array_as_it_was(caller):
    caller.do("c = a.copy(); h = show(c); c[:] = 0")
    caller.do("h.wait(60); f = h.figure('spectrum')")
    code = "value = float(np.abs(f.series[0].y - sigma(a)).max())"
    assert caller.do(code) < 1e-12


REFUSED = {
    "show(a, rank=-1)": "rank = -1 is not allowed",
    "show(a, page='spectrum', rank=31).wait(60)": "rank = 31 is not allowed",
    "show(a, rank=2.5)": "whole number",
    "show(a, page='spectrum', quantity='mass')": "one of sigma",
    "show(a, page='spec')": "no page",
    "show(a, rnk=3)": "Did you mean “rank”",
    "show(rank=a)": "is a parameter",
    "show(text='abc')": "No page has a parameter",
    "show('abc')": "no array",
    "show()": "Nothing is given",
    "show(a, a=a)": "Two arrays",
}


def test_an_array_may_have_the_name_of_a_parameter_that_takes_words(caller):
    assert state(caller, "weights=a")["array"] == "weights"
    assert state(caller, "bias=a, inputs=a")["array"] in ("bias", "inputs")
    caller.do("h = show(a, page='column_row', weights='diagonal'); h.wait(60)")
    assert caller.do("value = h.state()['column_row']['weights']") in ("diagonal", ["diagonal"])


def test_an_array_without_a_keyword_may_be_called_as_any_parameter_is(caller):
    caller.do("k, rank, z = a + 1, a + 2, a + 3")
    for name in ("k", "rank", "z"):
        assert state(caller, name)["array"] == name


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_not_allowed_is_refused_in_the_caller(caller, code):
    with pytest.raises(Refused, match=REFUSED[code]) as refused:
        caller.do(code)
    assert refused.value.kind in ("RankscopeError", "ArgumentError")


def test_keywords_name_arrays(caller):
    caller.do("h = show(logits=a[0], weight=a, k=3); assert h.wait(60)")
    said = caller.do("value = h.state()")
    assert names(said)[:2] == ["logits", "weight"]
    assert (said["array"], said["page"], said["topk"]["k"]) == ("logits", "topk", 3)


def test_what_its_page_says_runs(another):
    text = (ROOT / "assets" / "show.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) > 3
    for block in blocks:
        another.do(block)
    assert another.do("value = [state['array'], state['spectrum']['rank']]") == ["weight", 6]
    assert another.do("value = figure.title") == "Error against rank"
    for name in re.findall(r"\]\((screenshots/.*?)\)", text):
        assert (ROOT / "assets" / name).is_file()


def test_what_a_loop_shows_again_leaves_the_selection_alone(caller):
    loop = "for _ in range(3):\n    show(p=a)\n    h = show(q=a)\nassert h.wait(60)"
    caller.do(f"def loop():\n    global h\n    {loop.replace(chr(10), chr(10) + '    ')}")
    caller.do("loop()")
    assert caller.do("value = h.state()['array']") == "q"
    assert state(caller, "p=a")["array"] == "p"
    caller.do("loop()")
    assert caller.do("value = h.state()['array']") == "p"
    # What a person types is looked at, also when it was typed like that before.
    for _ in range(2):
        assert state(caller, "p=a")["array"] == "p"
        assert state(caller, "q=a")["array"] == "q"


def test_what_is_shown_last_is_selected_however_busy_the_window_is(caller, place):
    window = window_pid(place)
    os.kill(window, signal.SIGSTOP)
    try:
        for name in ("p", "q", "p", "q", "p"):
            caller.do(f"h = show({name}=a)")
    finally:
        os.kill(window, signal.SIGCONT)
    assert caller.do("h.wait(60); value = h.state()['array']") == "p"


def test_who_listens_is_told_what_changes(another):
    another.do("h = show(a, page='spectrum', rank=4); assert h.wait(60)")
    another.do("told, came = [], __import__('threading').Event()")
    another.do("h.on_change(lambda s: (told.append(s), came.set()))")
    another.do("came.wait(30); came.clear(); show(a, rank=7)")
    code = "\n".join(
        [
            "until = time.monotonic() + 30",
            "while told[-1]['spectrum']['rank'] != 7 and time.monotonic() < until:",
            "    came.wait(1); came.clear()",
            "value = told[-1]['spectrum']['rank']",
        ]
    )
    assert another.do(code) == 7


def test_who_listens_may_ask_and_show_in_turn(another):
    another.do("h = show(a, page='spectrum', rank=4); assert h.wait(60)")
    another.do("found, came = [], __import__('threading').Event()")
    code = """
def asks(state):
    if not found:
        found.extend([h.state()["page"], h.figure("spectrum").key, show(derived=a).wait(30)])
        came.set()
def fails(state):
    raise ValueError("mine")
h.on_change(fails)
h.on_change(asks)
assert came.wait(60)
value = found
"""
    assert another.do(code) == ["spectrum", "spectrum.values", True]


def test_another_start_hands_its_files_over(environment, caller, tmp_path):
    np.save(tmp_path / "handed.npy", np.eye(3))
    words = [sys.executable, "-m", "gui", str(tmp_path / "handed.npy")]
    t = time.monotonic()
    subprocess.run(words, env=environment, check=True, timeout=60)
    assert time.monotonic() - t < 30
    code = "\n".join(
        [
            "until = time.monotonic() + 30",
            "while not any(s['from'] == 'handed.npy' for s in h.state()['sources']):",
            "    assert time.monotonic() < until",
            "value = h.state()['array']",
        ]
    )
    assert caller.do(code) == "handed"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/no/such/program --x", "cannot be started"),
        ("'", "is no command"),
        ("sh -c 'echo It is broken. >&2; exit 3'", "It is broken."),
    ],
)
def test_a_window_that_cannot_start_is_told_why(tmp_path, command, words):
    one = begin(own_environment(tmp_path, RANKSCOPE_COMMAND=command))
    with pytest.raises(Refused, match=words):
        one.do("h = show(a)\nh.wait(60)")
    one.end()


def test_it_works_where_qt_cannot_be_imported(environment):
    code = """
import sys
class Blocked:
    def find_spec(self, name, *_):
        if name.split(".")[0] in ("PySide6", "pyqtgraph", "matplotlib", "scipy", "numba"):
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
import numpy as np, rankscope
h = rankscope.show(blocked=np.eye(3), page="spectrum", rank=2)
assert h.wait(60)
assert h.state()["array"] == "blocked"
h.figure("spectrum")
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
