"""``rankscope`` as others see it: its names, their types, and the line of IPython."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rankscope
from gui.link import show as shown

ROOT = Path(__file__).resolve().parents[3]
STUBS = ROOT / "assets" / "stubs" / "rankscope.pyi"


def test_the_stubs_have_every_public_name():
    tree = ast.parse(STUBS.read_text("utf-8"))
    imported = [one for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names]
    names = {one.asname for one in imported}
    assert set(rankscope.__all__) <= names
    (listed,) = (one for one in tree.body if isinstance(one, ast.Assign))
    assert sorted(ast.literal_eval(listed.value)) == sorted(rankscope.__all__)
    for name in rankscope.__all__:
        assert hasattr(rankscope, name)


@pytest.mark.long
def test_who_uses_it_is_checked_by_its_types(tmp_path):
    (tmp_path / "rankscope-stubs").mkdir()
    (tmp_path / "rankscope-stubs" / "__init__.pyi").write_text(STUBS.read_text("utf-8"))
    use = tmp_path / "use.py"
    use.write_text("from rankscope import show\nreveal_type(show([1.0]).wait(1.0))\nshow().wit()\n")
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "c"), str(use)]
    environment = {"MYPYPATH": f"{tmp_path}:{ROOT}", "PATH": ""}
    told = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert 'Revealed type is "bool"' in told.stdout
    assert 'has no attribute "wit"' in told.stdout


class Shell:
    def __init__(self, **names):
        self.user_ns = names
        self.lines = {}

    def register_magic_function(self, function, kind, name):
        self.lines[kind, name] = function


def test_the_line_of_ipython_is_the_call_without_brackets(monkeypatch):
    a, called = np.ones(3), []
    monkeypatch.setattr(shown, "show_named", lambda *words, **more: called.append((words, more)))
    shell = Shell(a=a, w={"q": a})
    rankscope.load_ipython_extension(shell)
    show = shell.lines["line", "show"]
    show("a")
    show("a, w['q'], page='spectrum', rank=2")
    assert called[0][0][1:] == (("a",), {})
    arrays, names, keywords = called[1][0]
    assert (names, keywords) == (("a", "w['q']"), {"page": "spectrum", "rank": 2})
    assert arrays[1] is a
    show("inner", local_ns={"inner": a})
    assert called[2][0][0][0] is a
    with pytest.raises(SyntaxError):
        show("a,, b")
