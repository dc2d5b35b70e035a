import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import DataError
from engine.topk import OPERATORS, check_laws, get_operator
from gui.core.state.document import DataRef
from gui.pages.topk import requests
from gui.pages.topk.analysis import (
    ComputeGradients,
    ComputeHeat,
    ComputeJacobian,
    ComputeLoad,
    loss_direction,
)
from gui.pages.topk.judgement import JudgeClaims, JudgeLaws
from gui.pages.topk.requests import (
    ComputeOutputs,
    MatchSoftness,
    SweepK,
    SweepTau,
    too_long,
)
from gui.pages.topk.scores import LoadScores, make_scores, with_points
from gui.pages.topk.state import InputSpec


class Source:
    """An opened file, as the requests see it."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def read(self, name, rows=None, cols=None, index=None, progress=None):
        part = self.array[index] if index else self.array
        return part[
            (slice(None) if rows is None else rows, slice(None) if cols is None else cols)
            if part.ndim > 1
            else slice(None)
        ]


def scores_of(*values):
    return make_scores(InputSpec("pasted"), np.array(values, dtype=float))


@pytest.fixture(scope="module")
def normal():
    return LoadScores(InputSpec("normal", count=40, seed=3)).run()


def test_a_row_and_a_column_are_read():
    array = np.arange(12.0).reshape(3, 4)
    ref = DataRef("/a.npy", "a", (3, 4), "float64")
    row = LoadScores(InputSpec("data", ref, "row", 1), Source(array)).run()
    column = LoadScores(InputSpec("data", ref, "column", 2), Source(array)).run()
    assert_array_equal(row.values, array[1])
    assert_array_equal(column.values, array[:, 2])
    assert_array_equal(row.order, [3, 2, 1, 0])
    assert not row.values.flags.writeable


def test_a_slice_of_a_larger_array_is_read():
    array = np.arange(24.0).reshape(2, 3, 4)
    ref = DataRef("/a.npy", "a", (3, 4), "float64", (1,))
    row = LoadScores(InputSpec("data", ref, "row", 2), Source(array)).run()
    assert_array_equal(row.values, array[1, 2])


@pytest.mark.parametrize("kind", ["normal", "uniform", "heavy", "ties"])
def test_generated_scores_are_reproducible(kind):
    first = LoadScores(InputSpec(kind, count=50, seed=4)).run()
    again = LoadScores(InputSpec(kind, count=50, seed=4)).run()
    other = LoadScores(InputSpec(kind, count=50, seed=5)).run()
    assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1.0, float("nan"), float("inf")), "NaN or +inf: 2 of 3 scores, the first (nan) at"),
        ((float("-inf"),) * 2, "All 2 scores are -inf"),
        ((), "no scores"),
    ],
)
def test_unusable_scores_are_refused_in_words(values, words):
    with pytest.raises(DataError) as caught:
        LoadScores(InputSpec("pasted", numbers=values)).run()
    assert words in str(caught.value)


def test_masked_scores_do_not_count():
    scores = LoadScores(InputSpec("pasted", numbers=(1.0, float("-inf"), 0.0))).run()
    assert scores.unmasked == 2


def test_ties_are_ordered_by_index():
    assert_array_equal(scores_of(1, 3, 3, 1).order, [1, 2, 0, 3])


def test_moved_points_change_scores_and_order():
    moved = with_points(scores_of(1, 2, 3), ((0, 9.0), (77, 1.0)))
    assert_array_equal(moved.values, [9, 2, 3])
    assert_array_equal(moved.order, [0, 2, 1])


def test_outputs_are_those_of_the_engine(normal):
    keys = ("hard", "exp", "sigmoid", "laplace", "grad")
    outputs = ComputeOutputs(normal, 5.0, tuple((key, 0.3) for key in keys)).run()
    for output in outputs:
        expected = get_operator(output.key)(normal.values, 5, 0.3)
        assert_allclose(output.p, expected, rtol=0, atol=1e-15)
        assert_allclose(output.total, expected.sum(), rtol=1e-12)
    assert outputs[0].moved == 0.0


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_outputs_by_rank_are_those_by_index_rearranged(op):
    scores = LoadScores(InputSpec("ties", count=12, seed=1)).run()
    by_index, by_rank = (
        ComputeOutputs(scores, 5.0, ((op.key, 0.7),), by).run()[0] for by in ("index", "rank")
    )
    assert_allclose(by_index.p, op(scores.values, 5, 0.7), rtol=0, atol=1e-15)
    assert_allclose(by_rank.p, by_index.p[scores.order], rtol=1e-9, atol=1e-12)
    assert_allclose(by_rank.by_index(), by_index.p, rtol=1e-9, atol=1e-12)
    assert_allclose([by_rank.total, by_rank.moved], [by_index.total, by_index.moved], rtol=1e-9)


@pytest.mark.parametrize("key", ["sigmoid", "clip", "scaled_softmax", "iterated_weighted_softmax"])
def test_mass_moved_is_the_sum_of_all_differences(normal, key):
    for by in ("index", "rank"):
        output = ComputeOutputs(normal, 5.0, ((key, 0.05),), by).run()[0]
        hard = get_operator("hard")(normal.along(by), 5)
        expected = sum(abs(a - b) for a, b in zip(output.p, hard, strict=True)) / 5
        assert_allclose(output.moved, expected, rtol=1e-12, atol=1e-15)


def test_the_time_of_an_operator_is_not_that_of_its_first_call(normal, monkeypatch):
    calls = []

    class Slow:
        stochastic, cost = False, "n"

        def __call__(self, x, k, tau):
            # A clock that the first call moves on by two seconds, every other by 1 ms.
            calls.append(tau)
            clock[0] += 2.0 if len(calls) == 1 else 0.001
            return np.zeros(x.size)

    clock = [0.0]
    monkeypatch.setattr("engine.topk.get_operator", lambda key: Slow())
    monkeypatch.setattr(requests.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(requests, "_TIMED", set())
    first, second = (requests.evaluate("slow", normal, 5.0, tau).seconds for tau in (0.1, 0.2))
    assert_allclose([first, second], 0.001, rtol=1e-9)
    assert calls == [0.1, 0.1, 0.2]


def test_an_operator_that_refuses_does_not_stop_the_others(normal):
    grad, sigmoid = ComputeOutputs(normal, 2.5, (("grad", 1.0), ("sigmoid", 1.0))).run()
    assert grad.p is None
    assert grad.argument == "k"
    assert "2.5" in grad.error
    assert sigmoid.p is not None


def test_tau_sweep_watches_the_scores_around_the_boundary(normal):
    sweep = SweepTau(normal, 5.0, ("sigmoid", "hard"), points=7).run()
    assert sweep.ranks == (3, 4, 5, 6)
    for step, tau in enumerate(sweep.steps):
        p = get_operator("sigmoid")(normal.values, 5, tau)
        assert_allclose(sweep.values["sigmoid"][step], p[normal.order[3:7]], atol=1e-15)
    assert_array_equal(sweep.moved["hard"], 0.0)


def test_k_sweep_runs_from_nothing_to_everything(normal):
    sweep = SweepK(normal, 5.0, (("exp", 0.5),)).run()
    assert_array_equal(sweep.steps, np.arange(41))
    assert_array_equal(sweep.values["exp"][0], 0.0)
    assert_array_equal(sweep.values["exp"][-1], 1.0)


def test_heat_map_by_rank_falls_from_left_to_right(normal):
    heat = ComputeHeat(normal, 5.0, "sigmoid", "rank", points=5).run()
    assert heat.p.shape == (5, 40)
    assert (np.diff(heat.p, axis=1) <= 1e-12).all()


def test_heat_map_of_many_scores_keeps_the_mass():
    scores = LoadScores(InputSpec("normal", count=5000, seed=0)).run()
    heat = ComputeHeat(scores, 100.0, "sigmoid", "rank", points=3).run()
    assert heat.p.shape[1] <= 512
    assert heat.block == 10
    assert_allclose(heat.p.sum(axis=1) * heat.block, 100.0, rtol=1e-9)


def test_jacobian_matrix_and_column_agree(normal):
    taus = (("sigmoid", 0.4), ("grad", 0.4))
    whole = ComputeJacobian(normal, 5.0, taus, "grad", None).run()
    column = ComputeJacobian(normal, 5.0, taus, "grad", 7).run()
    assert_allclose(column.columns["grad"], whole.matrix[:, 7], atol=1e-13)


def test_gradient_is_the_product_with_the_jacobian(normal):
    part = ComputeGradients(normal, 5.0, (("sigmoid", 0.4),), "random", 1).run()
    jacobian = get_operator("sigmoid").jacobian(normal.values, 5, 0.4)
    assert_allclose(part.values["sigmoid"], jacobian.T @ part.direction, atol=1e-13)


def test_loss_directions_point_at_the_boundary(normal):
    out, last = (loss_direction(normal, 5.0, d) for d in ("first_out", "last_in"))
    assert np.flatnonzero(out) == normal.order[5]
    assert np.flatnonzero(last) == normal.order[4]


@pytest.mark.parametrize("axis", ["row", "column"])
def test_expert_load_adds_up_and_finds_the_starved(axis):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(150, 8))
    logits[:, 3] -= 9.0
    array = logits if axis == "row" else logits.T
    ref = DataRef("/a.npy", "a", array.shape, "float64")
    load = ComputeLoad(ref, axis, 2.0, (("sigmoid", 0.3), ("hard", 0.3)), Source(array)).run()
    assert_allclose(load.load["sigmoid"].sum(), 300.0, rtol=1e-9)
    assert load.fair == 37.5
    assert_array_equal(load.starved("sigmoid"), [3])
    expected = get_operator("hard")(logits, 2).sum(axis=0)
    assert_array_equal(load.load["hard"], expected)


def test_laws_are_the_measurements_of_the_engine(normal):
    report = JudgeLaws(normal, 4.0, (("sigmoid", 0.5), ("scaled_softmax", 0.5))).run()
    expected = check_laws(get_operator("scaled_softmax"), normal.values, 4, 0.5)
    mine = [one for one in report.verdicts if one.operator == "scaled_softmax"]
    assert [(one.law, one.worst) for one in mine] == [(one.law, one.worst) for one in expected]


def test_claims_have_a_verdict_each(normal):
    claims = JudgeClaims(normal, 4.0, 0.5).run()
    assert {claim.verdict for claim in claims} <= {"holds", "fails", "not applicable"}
    assert any("laplace" in claim.title for claim in claims)


def test_equal_softness_gives_every_operator_its_own_tau(normal):
    matched = MatchSoftness(normal, 5.0, ("hard", "sigmoid", "grad"), "mass", 0.3, 0.5).run()
    pairs = tuple((key, matched.taus[key]) for key in ("sigmoid", "grad"))
    for output in ComputeOutputs(normal, 5.0, pairs).run():
        assert_allclose(output.moved, 0.3, atol=1e-6)
    assert matched.taus["hard"] == 0.5


def test_work_that_takes_minutes_is_refused_in_words():
    assert too_long("exp", 5_000_000, 1000) == ""
    assert "too long" in too_long("neuralsort", 1_000_000, 1000)
