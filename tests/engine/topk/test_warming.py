"""The first use: NumPy answers while kernels compile, which the next start finds on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import engine
from engine.errors import ArgumentError
from engine.topk import OPERATORS, get_operator, warm
from engine.topk.compiled import ready

ROOT = Path(engine.__file__).parents[1]
ONCE = pytest.mark.parametrize("route", ["numpy"], indirect=True)

FIRST = """
import sys
import numpy as np
from engine.topk import get_operator, warm
from engine.topk.compiled import ready

keys, x = {keys}, np.random.default_rng(0).standard_normal((2, 40_000))
assert "numba" not in sys.modules
before = [get_operator(key).linearize(x, 9000.5, 0.3) for key in keys]
products = [found.vjp(x) for found in before]
assert not warm(keys), "there before it was compiled"
assert warm(keys, wait=True), ready._failed
for key, plain, product in zip(keys, before, products):
    found = get_operator(key).linearize(x, 9000.5, 0.3)
    assert ready.get(key) is not None
    assert np.abs(found.p - plain.p).max() <= 1e-13, key
    assert np.abs(found.vjp(x) - product).max() <= 1e-13 * np.abs(product).max(), key
    for name in get_operator(key).kernels:
        for kernel in vars(ready.get(name)).values():
            if hasattr(kernel, "stats"):
                found = kernel.stats
                print(name, sum(found.cache_hits.values()), sum(found.cache_misses.values()))
"""

ENDS = """
import numpy as np
from engine.topk import get_operator

print(get_operator("clip")(np.arange(40_000.0), 3)[-3:].sum())
"""


def fresh(code: str, cache: Path | None) -> str:
    """Return what a Python of its own prints, whose kernels are kept in a folder, or as ours."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    environment.pop("NUMBA_DISABLE_JIT", None)
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def kernels_of(keys: list[str], cache: Path | None) -> list[tuple[str, int, int]]:
    """Return each kernel of operators: found on disk, and compiled, after all is checked."""
    lines = fresh(FIRST.format(keys=keys), cache).splitlines()
    return [(name, int(hits), int(misses)) for name, hits, misses in map(str.split, lines)]


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_the_next_start_finds_what_this_one_compiled():
    found = kernels_of(["clip"], None)
    assert {name for name, _, _ in found} == {"clip", "products", "long"}
    assert all((hits, misses) == (1, 0) for _, hits, misses in found), found


@ONCE
@pytest.mark.long
def test_numpy_answers_first_and_the_next_start_finds_what_was_compiled(tmp_path):
    first = kernels_of(["clip"], tmp_path)
    assert {name for name, _, _ in first} == {"clip", "products", "long"}
    assert all((hits, misses) == (0, 1) for _, hits, misses in first), first
    again = kernels_of(["clip"], tmp_path)
    assert all((hits, misses) == (1, 0) for _, hits, misses in again), again


@ONCE
@pytest.mark.long
def test_kernels_that_several_processes_compiled_do_not_mix(tmp_path):
    kernels_of(["sigmoid"], tmp_path)
    kernels_of(["laplace"], tmp_path)  # made of as many functions, which are numbered alike
    for keys in (["sigmoid", "laplace"], ["laplace", "sigmoid"]):
        found = kernels_of(keys, tmp_path)
        assert all((hits, misses) == (1, 0) for _, hits, misses in found), found


@ONCE
@pytest.mark.long
def test_a_process_ends_though_kernels_are_still_to_compile(tmp_path):
    assert fresh(ENDS, tmp_path).strip() == "3.0"


@ONCE
@pytest.mark.long
def test_no_folder_that_can_be_written_costs_the_cache_and_nothing_else(tmp_path):
    code = """
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = []  # as in a read-only installation without a home
from engine.topk import get_operator, warm
from engine.topk.compiled import ready
assert warm(["clip"], wait=True), ready._failed
print(get_operator("clip")([0.0, 1.0, 2.0, 3.0], 3).sum())
"""
    assert fresh(code, tmp_path).strip() == "3.0"
    assert not list(tmp_path.rglob("*.nbc"))


ON_DEMAND = {"audit"}  # of no operator: made when routing is first audited


@ONCE
def test_every_kernel_that_an_operator_names_is_there():
    named = {name for op in OPERATORS for name in op.kernels}
    assert named == set(ready.SOURCES) - ON_DEMAND
    with pytest.raises(ArgumentError, match="softmaxx"):
        warm(["softmaxx"])


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_a_kernel_that_cannot_be_made_is_not_tried_again(monkeypatch):
    tried = []

    def made(module, attribute):
        tried.append(module)
        raise RuntimeError("no compiler for this machine")

    monkeypatch.setattr(ready, "_made", made)
    monkeypatch.setattr(ready, "_ready", {})
    monkeypatch.setattr(ready, "_failed", {})
    x = np.random.default_rng(0).standard_normal(40_000)
    assert not warm(["exp"], wait=True)
    assert len(tried) == 3
    assert abs(get_operator("exp")(x, 100).sum() - 100) <= 1e-9
    assert not warm(["exp"], wait=True)
    assert len(tried) == 3


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_kernels_that_become_ready_between_two_calls_change_no_digit_that_counts(monkeypatch):
    op, r = get_operator("grad"), np.random.default_rng(0)
    x, g = r.standard_normal((2, 5, 60))
    there, shown = dict(ready._ready), {}
    monkeypatch.setattr(ready, "_ready", shown)
    results = []
    for name in (None, "sigmoid", "products", "grad"):
        if name:
            shown[name] = there[name]
        found = op.linearize(x, 7, 0.4)
        results.append((found.p, found.vjp(g)))
    for p, product in results[1:]:
        assert_allclose(p, results[0][0], rtol=0, atol=1e-13)
        assert_allclose(product, results[0][1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_many_threads_may_ask_at_once(monkeypatch):
    started = threading.Barrier(6)
    there, counts = dict(ready._ready), []
    names = {source: name for name, source in ready.SOURCES.items()}

    def made(*source):
        counts.append(names[source])
        return there[names[source]]

    monkeypatch.setattr(ready, "_made", made)
    monkeypatch.setattr(ready, "_ready", {})
    answers = []

    def ask():
        started.wait()
        answers.append(warm(wait=True))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 6
    assert sorted(counts) == sorted(set(ready.SOURCES) - ON_DEMAND)
    assert ready._ready == {name: there[name] for name in counts}


@pytest.mark.parametrize("route", ["compiled"], indirect=True)
def test_what_is_wanted_last_comes_first(monkeypatch):
    there, begun, go, made = dict(ready._ready), threading.Event(), threading.Event(), []
    names = {source: name for name, source in ready.SOURCES.items()}

    def slowly(*source):
        made.append(names[source])
        begun.set()
        assert go.wait(60)
        return there[names[source]]

    monkeypatch.setattr(ready, "_made", slowly)
    monkeypatch.setattr(ready, "_ready", {})
    ready.want(["exp", "sigmoid", "clip"])
    assert begun.wait(60)
    ready.want(["cauchy", "clip"])
    worker = ready._worker
    go.set()
    worker.join(60)
    assert made == ["exp", "cauchy", "clip", "sigmoid"]
