"""Copy operator as code: what lands on the clipboard runs by itself and is what is plotted."""

import contextlib
import dataclasses
import io

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

LIBRARIES = {"NumPy": "numpy", "PyTorch (with gradient)": "torch", "JAX (with gradient)": "jax"}


def copied(page, title):
    """Choose an entry of the menu; return what is on the clipboard."""
    actions = {one.text().replace("&", ""): one for one in page.page.copier.button.menu().actions()}
    assert set(actions) == {f"Copy as {name}" for name in LIBRARIES}
    actions[f"Copy as {title}"].trigger()
    return QApplication.clipboard().text()


def function(code):
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "copied", "exec"), names)
    return names["soft_top_k"]


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("comparison", ["tau", "mass", "entropy"])
@pytest.mark.parametrize("key", ["sigmoid", "grad", "exp", "dftopk"])
def test_copied_code_gives_the_plotted_output_with_no_argument_but_the_scores(
    page, key, comparison
):
    given = {"focus": key, "operators": ("hard", key), "k": 3.0, "comparison": comparison}
    page.store.replace("topk", label="focus", **given)
    page.settle()
    expected = np.sort(page.curve("output", key).y)
    p = np.sort(function(copied(page, "NumPy"))(page.scores.values))
    np.testing.assert_allclose(p, expected, atol=1e-9)


@pytest.mark.parametrize("title", LIBRARIES)
def test_every_library_is_its_own_and_the_message_says_which(page, title):
    said = []
    copier = page.page.copier
    told = lambda words, _: said.append(words)  # noqa: E731
    copier._context = dataclasses.replace(copier._context, notify=told)
    code = copied(page, title)
    compile(code, "copied", "exec")
    assert f"import {LIBRARIES[title]}" in code
    (words,) = said
    assert words.endswith(f"as {title.split()[0]}.")
    assert "Python" not in words


def test_an_operator_without_this_softness_is_not_copied_at_another_tau(page):
    given = {"focus": "sigmoid", "operators": ("sigmoid",), "comparison": "entropy"}
    page.store.replace("topk", label="focus", softness=0.99, **given)
    page.settle()
    QApplication.clipboard().setText("before")
    assert copied(page, "NumPy") == "before"
