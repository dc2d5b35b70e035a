"""Copy as Python: what lands on the clipboard runs by itself and agrees with the plot."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication


@pytest.mark.parametrize("key", ["sigmoid", "grad", "exp", "laplace"])
def test_copied_numpy_function_gives_the_plotted_output(page, key):
    page.store.replace("topk", label="focus", focus=key, operators=("hard", key), k=3.0)
    page.settle()
    menu = page.page.copier.button.menu()
    next(action for action in menu.actions() if "NumPy" in action.text()).trigger()
    code = QApplication.clipboard().text()
    names: dict = {}
    exec(compile(code, "snippet", "exec"), names)
    functions = [f for f in names.values() if getattr(f, "__doc__", None) and callable(f)]
    function = next(f for f in functions if f.__name__ == "soft_top_k")
    scores = page.curve("scores", "scores")
    x = scores.y if scores is not None else page.scores.values
    expected = page.curve("output", key).y
    np.testing.assert_allclose(np.sort(function(np.asarray(x))), np.sort(expected), atol=1e-9)


def test_copied_torch_function_compiles_and_names_its_source(page):
    menu = page.page.copier.button.menu()
    next(action for action in menu.actions() if "NumPy" not in action.text()).trigger()
    code = QApplication.clipboard().text()
    compile(code, "snippet", "exec")
    assert "torch.autograd.Function" in code
