"""An array is called as the call is written."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from gui.link.naming import names_in, program_name, site, written_names
from tests.gui.link.callers import PATIENCE, ROOT


def named(*values, **_):
    return written_names(sys._getframe(1), values)


class Model:
    weight = np.ones(2)


def test_the_name_is_what_stands_in_the_call():
    a, model, w = np.ones(2), Model(), {"q": np.ones(2)}
    assert named(a) == ("a",)
    assert named(model.weight, rank=3) == ("model.weight",)
    assert named(w["q"]) == ("w['q']",)
    assert named(
        a @ a,
        model.weight,
    ) == ("a @ a", "model.weight")
    assert (named(a)[0], named(model.weight)) == ("a", ("model.weight",))
    assert [named(a)] == [("a",)]


def test_wide_characters_before_it_do_not_move_it():
    矩阵 = np.ones(2)
    assert ("é", named(矩阵))[1] == ("矩阵",)


def test_what_is_written_twice_is_told_apart():
    a = np.ones(2)
    assert named(a, a, a) == ("a", "a (2)", "a (3)")


def test_what_is_named_in_the_call_has_that_name():
    a = np.ones(2)
    assert named(b := a + 1) == ("b",)
    assert b is not a


def test_who_calls_what_it_is_given_does_not_name_it():
    one = np.ones(2)
    assert list(map(named, [one])) == [("one",)]
    assert functools.partial(named)(one) == ("one",)
    assert max([one], key=lambda each: len(named(each))) is one
    again = named
    assert again(one + 1) == ("one + 1",)


def test_a_variable_of_the_function_counts_before_one_of_the_module():
    space = {"named": named, "far": np.ones(2)}
    exec("def call(near):\n    return named(near)", space)
    assert space["call"](space["far"]) == ("near",)


def test_a_long_one_is_short():
    a = np.ones(2)
    (name,) = named(
        a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a
    )
    assert len(name) == 80
    assert name.startswith("a + a")


def test_what_is_run_from_a_text_is_called_as_that_says():
    space = {"named": named, "model": Model()}
    text = "\n\nfound = named(model.weight, model.weight * 2)"
    exec(text, space)
    assert space["found"] == ("model.weight", "model.weight * 2")
    assert eval("named(model.weight.T)", space) == ("model.weight.T",)
    exec(compile("found = [named(model.weight[0]) for _ in range(1)]", "<x>", "single"), space)
    assert space["found"] == [("model.weight[0]",)]


DEFINED = """
import sys
from gui.link.naming import written_names

def named(*values):
    print("named", *written_names(sys._getframe(1), values))

class Model: weight = [1]

"""
TYPED = """
named(Model.weight, Model.weight * 2)
for _ in range(1):
    named(Model.weight + [2])

"""


def said_by(words, typed):
    told = subprocess.run(
        [sys.executable, *words],
        input=typed,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE,
        check=True,
    )
    return re.findall("named (.*)", told.stdout)


@pytest.mark.parametrize("words", [["-c", DEFINED + TYPED], ["-c", "import code; code.interact()"]])
def test_at_a_prompt_and_with_c_it_is_what_is_typed(words):
    found = said_by(words, DEFINED + TYPED)
    assert found == ["Model.weight Model.weight * 2", "Model.weight + [2]"]


def test_in_a_debugger_it_is_what_is_typed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(DEFINED + "pass\n")
    typed = "until 10\nnamed(Model.weight[:1])\np named(Model.weight * 3)\nq\n"
    found = said_by(["-m", "pdb", str(script)], typed)
    assert found == ["Model.weight[:1]", "Model.weight * 3"]


def test_without_a_text_it_is_the_variable_that_holds_it():
    loss = np.ones(2)
    space = {"named": named, "former": loss, "loss": loss}

    def run(text):
        made = compile(text, "<nowhere>", "exec")
        del text
        exec(made, space)
        return space["found"]

    of_a_name = run(f"found = named({'loss'})")
    of_none = run(f"found = named({[1, 2]})")
    assert (of_a_name, of_none) == (("loss",), ("array",))


def test_arguments_that_are_unpacked_have_the_names_of_variables():
    a = np.ones(2)
    both = [a, np.zeros(2)]
    assert named(*both) == ("a", "array")


@pytest.mark.parametrize("said", ["", "-", "-c", "-m"])
def test_a_program_without_a_file_is_python(monkeypatch, said):
    monkeypatch.setattr(sys, "argv", [said])
    assert program_name() == "python"


def test_a_line_that_calls_again_is_the_same_place():
    def place():
        return site(sys._getframe(1))

    loop = [place() for _ in range(2)]
    assert loop[0] == loop[1]
    assert place() != loop[0]


def test_what_is_typed_again_is_another_place():
    space = {"sys": sys, "site": site, "found": []}
    text = "for _ in range(2): found.append(site(sys._getframe()))"
    for _ in range(300):
        exec(compile(text, "<stdin>", "exec"), space)
    found = space["found"]
    assert found[0::2] == found[1::2]
    assert len(set(found)) == 300


@pytest.mark.parametrize("text", ["f", "f(", "1 +"])
def test_what_is_no_call_is_no_call(text):
    with pytest.raises(SyntaxError):
        names_in(text)
