"""The published worst cases: the engine keeps to their truth, and the truth is that of others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.topk import get_operator
from tests.support.worst_cases.search import case_of, errors

FILE = Path(__file__).parents[2] / "data" / "topk_worst_cases.json"
TABLE = json.loads(FILE.read_text("utf-8"))
KEYS = list(TABLE["operators"])
PLAIN = pytest.mark.parametrize("route", ["numpy"], indirect=True)  # what concerns no kernel


def _cases(key):
    return [case for case in TABLE["cases"] if case["operator"] == key]


@pytest.mark.parametrize("key", KEYS)
def test_the_engine_keeps_twelve_digits(key):
    for case in _cases(key):
        found, _ = errors(case)
        where = f"{case['kind']} n={len(case['x'])} k={case['k']} tau={case['tau']}"
        assert max(found["p_error"], found.get("vjp_error", 0.0)) <= 1e-12, where


@PLAIN
@pytest.mark.parametrize("seed", [26, 39, 54, 56])
def test_products_keep_their_digits_where_weights_all_but_vanish(seed):
    """Cases of the search in which e^z / D is e^20 to e^100, no longer among the worst."""
    assert case_of("iterated_weighted_softmax", seed)[0]["vjp_error"] <= 1e-14


@PLAIN
@pytest.mark.parametrize("seed", [1065, 1080, 1096, 1116, 1151])
def test_products_keep_their_digits_where_weights_of_tied_scores_cancel(seed):
    """Cases of the search whose products are up to 1e87, or were 1e-9 off."""
    case = case_of("iterated_weighted_softmax", seed)[0]
    assert case["p_error"] <= 1e-14
    assert case["vjp_relative"] <= 1e-13


@PLAIN
@pytest.mark.parametrize("seed", range(12))
def test_products_both_ways_agree_where_weights_cancel(seed):
    rng = np.random.default_rng(seed)
    x, g, v = rng.integers(0, 3, 9) * 40.0, rng.standard_normal(9), rng.standard_normal(9)
    there = get_operator("iterated_weighted_softmax").linearize(x, 6, 1.0)
    forwards, backwards = g * there.jvp(v), v * there.vjp(g)
    size = max(np.abs(forwards).max(), np.abs(backwards).max())
    assert abs(forwards.sum() - backwards.sum()) <= 1e-13 * size


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", KEYS)
def test_products_forwards_are_the_same(key):
    op = get_operator(key)
    for case in (one for one in _cases(key) if one["vjp"] is not None):
        x, g, tau = np.array(case["x"]), np.array(case["g"]), case["tau"]
        found = [g @ op.jvp(x, case["k"], tau, 1.0 * (np.arange(x.size) == i)) for i in case["at"]]
        error = np.abs(np.array(found) - [float(v) for v in case["vjp"]]).max()
        assert error * tau <= 1e-12 * np.abs(g).max(), case["kind"]


@PLAIN
@pytest.mark.parametrize("key", KEYS)
def test_the_truth_is_that_of_the_reference(key, reference):
    for case in sorted(_cases(key), key=lambda one: len(one["x"]))[:2]:
        p = reference.truth(key, np.array(case["x"]), case["k"], case["tau"])[case["at"]]
        np.testing.assert_allclose([float(v) for v in case["p"]], p, rtol=0, atol=1e-16)


@PLAIN
@pytest.mark.parametrize("key", KEYS)
def test_the_products_lie_between_differences(key):
    """Central differences of p in float64: five digits of what the table says."""
    for case in _cases(key):
        x, g, tau = np.array(case["x"]), np.array(case["g"]), case["tau"]
        h = 1e-5 * tau
        gaps = np.diff(np.sort(x))
        if case["vjp"] is None or gaps.min() < 4 * h or np.spacing(np.abs(x).max()) > 1e-6 * h:
            continue
        op, i = get_operator(key), case["at"][0]
        ahead, behind = (op(x + s * h * (np.arange(x.size) == i), case["k"], tau) for s in (1, -1))
        slope = float(g @ (ahead - behind)) / 2e-5
        assert abs(slope - float(case["vjp"][0]) * tau) <= 1e-5 * np.abs(g).max()


def test_the_table_says_what_it_is_and_is_small():
    assert {"what", "licence", "numbers", "columns", "made", "operators"} < set(TABLE)
    assert set().union(*TABLE["cases"]) == set(TABLE["columns"])
    assert FILE.stat().st_size < 300_000
    assert len(KEYS) >= 16
    assert all(len(case["p"]) == len(case["at"]) for case in TABLE["cases"])
