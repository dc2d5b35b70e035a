"""Lines of (k, tau): rows that are solved together answer what each answers by itself."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.topk import OPERATORS, get_operator
from gui.pages.topk.compute import evaluate as evaluating
from gui.pages.topk.compute.evaluate import along_line, p_or_none
from gui.pages.topk.compute.inputs import InputSpec
from gui.pages.topk.compute.scores import make_scores

_rng = np.random.default_rng(5)
INPUT = {
    "normal": _rng.standard_normal(40),
    "far away": _rng.standard_normal(40) + 1e8,
    "spread": np.geomspace(1e-4, 1e4, 33) * np.tile([1, -1, 1], 11),
    "ties": np.repeat([2.0, 1.0, 0.0], [3, 20, 4]),
    "equal": np.ones(9),
    "masked": np.where(np.arange(30) % 3, _rng.standard_normal(30), -np.inf),
    "two": np.array([1e6, -1e6]),
}
TAUS = np.geomspace(1e-3, 1e3, 61)


def scores_of(name):
    return make_scores(InputSpec("pasted"), INPUT[name].copy())


@pytest.mark.parametrize("name", INPUT)
@pytest.mark.parametrize("key", [one.key for one in OPERATORS])
@pytest.mark.parametrize("by", ["rank", "index"])
def test_a_line_along_tau_answers_what_each_temperature_does(name, key, by):
    scores = scores_of(name)
    k = float(min(5, scores.unmasked - 1))
    taus = TAUS if get_operator(key).accurate else TAUS[::12]
    found = list(along_line(key, scores, [(k, float(tau)) for tau in taus], by))
    assert len(found) == taus.size
    for tau, p in zip(taus, found, strict=True):
        alone = p_or_none(key, scores, k, float(tau), by)
        assert (p is None) is (alone is None)
        if p is not None:
            assert_allclose(p, alone, rtol=0, atol=1e-12, err_msg=f"tau {tau}")


@pytest.mark.parametrize("name", INPUT)
@pytest.mark.parametrize("key", ["exp", "grad", "hard", "dftopk", "sparse_pnorm"])
def test_a_line_along_k_answers_what_each_k_does(name, key):
    scores = scores_of(name)
    line = [(float(k), 0.3) for k in range(scores.unmasked + 1)]
    for (k, tau), p in zip(line, along_line(key, scores, line, "rank"), strict=True):
        assert_allclose(p, p_or_none(key, scores, k, tau, "rank"), rtol=0, atol=1e-12)


def test_one_refused_step_leaves_the_others():
    scores = scores_of("normal")
    line = [(2.0, 1.0), (2.5, 1.0), (3.0, 1.0)]
    two, half, three = along_line("grad", scores, line, "rank")
    assert half is None
    assert_allclose([two.sum(), three.sum()], [2, 3])


def test_short_rows_are_solved_together_and_long_ones_by_themselves(monkeypatch):
    asked = []
    operator = get_operator("exp")
    monkeypatch.setattr(
        type(operator),
        "__call__",
        lambda self, x, k, tau=1.0: (asked.append(np.shape(x)), np.zeros(np.shape(x)))[1],
    )
    list(along_line("exp", scores_of("normal"), [(5.0, 1.0), (5.0, 2.0)], "rank"))
    assert asked == [(2, 40)]
    asked.clear()
    long = make_scores(InputSpec("pasted"), np.arange(evaluating._TOGETHER, dtype=float))
    list(along_line("exp", long, [(5.0, 1.0), (5.0, 2.0)], "rank"))
    assert asked == [(long.size,), (long.size,)]


def test_temperatures_that_scores_cannot_be_divided_by_are_asked_one_by_one():
    scores = make_scores(InputSpec("pasted"), np.array([1.5e308, 1.0, -1.5e308]))
    line = [(1.0, 1e-3), (1.0, 1.0)]
    for (k, tau), p in zip(line, along_line("sigmoid", scores, line, "rank"), strict=True):
        assert_array_equal(p, p_or_none("sigmoid", scores, k, tau, "rank"))
