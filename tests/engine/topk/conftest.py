"""Loads the mpmath reference beside this file, and runs every test here by both routes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from engine.topk import warm
from engine.topk.compiled.ready import without_kernels


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
