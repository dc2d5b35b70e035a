"""Loads the mpmath reference beside this file, and runs every test here by both routes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from engine.topk import OPERATORS, warm
from engine.topk.compiled.ready import without_kernels

# Operators, and folders of tests, that no kernel has a part in.
BY_NUMPY_ALONE = {op.key for op in OPERATORS if not op.kernels}
FOLDERS = ("grad", "permutation")


def pytest_collection_modifyitems(config, items):
    """Leave out the compiled route where there is none: the same test again."""
    again = [item for item in items if _is_the_same_again(item)]
    items[:] = [item for item in items if item not in set(again)]
    config.hook.pytest_deselected(items=again)


def _is_the_same_again(item) -> bool:
    values = getattr(getattr(item, "callspec", None), "params", {})
    if values.get("route") != "compiled":
        return False
    named = values.get("op", values.get("key", ""))
    return item.path.parent.name in FOLDERS or getattr(named, "key", named) in BY_NUMPY_ALONE


@pytest.fixture(scope="session")
def reference():
    spec = importlib.util.spec_from_file_location(
        "topk_reference", Path(__file__).with_name("reference.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True, params=["numpy", "compiled"])
def route(request):
    """Which of the two answers: NumPy as if no kernel were ready, or the compiled kernels."""
    if request.param == "compiled":
        assert warm(wait=True)
        yield request.param
        return
    with without_kernels():
        yield request.param
