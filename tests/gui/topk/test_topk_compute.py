import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.files import memory_source
from engine.topk import OPERATORS, check_claims, check_laws, get_operator
from gui.core.state.document import DataRef, Opened
from gui.pages.topk.compute import evaluate as evaluating
from gui.pages.topk.compute.catalogue import catalogue
from gui.pages.topk.compute.derivatives import Gradient, Jacobian, loss_direction
from gui.pages.topk.compute.evaluate import points, too_long
from gui.pages.topk.compute.heat import heat_map
from gui.pages.topk.compute.inputs import InputSpec
from gui.pages.topk.compute.judgement import JudgeClaims, JudgeLaws
from gui.pages.topk.compute.load import AddUp
from gui.pages.topk.compute.outputs import Outputs, taus
from gui.pages.topk.compute.refused import Refused
from gui.pages.topk.compute.scores import Load, make_scores, with_points
from gui.pages.topk.compute.sweeps import SweepK, sweep_tau
from gui.pages.topk.show.laws import LawsTable, claim_cells


def opened(array, ref=None, repair=""):
    array = np.asarray(array)
    ref = ref or DataRef("/a.npy", "a", array.shape, str(array.dtype))
    return Opened(ref, memory_source({ref.entry: array}), repair)


def read(array, axis="row", position=0, ref=None, repair=""):
    data = opened(array, ref, repair)
    return Load(spec=InputSpec("data", data.ref, axis, position), data=data).run()


def scores_of(*values):
    return make_scores(InputSpec("pasted"), np.array(values, dtype=float))


def drawn(kind, count, seed):
    return Load(spec=InputSpec(kind, count=count, seed=seed)).run()


def answers(scores, k, pairs, by="index", **level):
    """Return what each (operator, tau) answers."""
    level = {"comparison": "tau", "softness": 0.2, **level}
    return [
        Outputs(scores=scores, operator=key, order=by, k=k, tau=tau, **level).run()
        for key, tau in pairs
    ]


@pytest.fixture(scope="module")
def normal():
    return drawn("normal", 40, 3)


def test_a_row_and_a_column_are_read():
    array = np.arange(12.0).reshape(3, 4)
    row, column = read(array, "row", 1), read(array, "column", 2)
    assert_array_equal(row.values, array[1])
    assert_array_equal(column.values, array[:, 2])
    assert_array_equal(row.order, [3, 2, 1, 0])
    assert not row.values.flags.writeable


def test_a_slice_of_a_larger_array_is_read():
    array = np.arange(24.0).reshape(2, 3, 4)
    ref = DataRef("/a.npy", "a", (3, 4), "float64", (1,))
    assert_array_equal(read(array, "row", 2, ref).values, array[1, 2])


@pytest.mark.parametrize("kind", ["normal", "uniform", "heavy", "ties"])
def test_generated_scores_are_reproducible(kind):
    first, again, other = (drawn(kind, 50, seed) for seed in (4, 4, 5))
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
        Load(spec=InputSpec("pasted", numbers=values)).run()
    assert words in str(caught.value)


def test_scores_of_a_file_that_is_not_open_are_refused_in_words():
    ref = DataRef("/a.npy", "a", (3, 4), "float64")
    with pytest.raises(DataError, match="no longer open"):
        Load(spec=InputSpec("data", ref)).run()


BROKEN = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, -np.inf], [7.0, 8.0, 10.0]])


@pytest.mark.parametrize(
    ("axis", "position", "repair", "expected"),
    [
        ("row", 0, "zero", [1, 0, 3]),
        ("row", 1, "zero", [4, 5, 0]),
        ("row", 0, "column_mean", [1, 6.5, 3]),
        ("row", 1, "column_mean", [4, 5, 6.5]),
        ("column", 1, "column_mean", [6.5, 5, 8]),
        ("column", 2, "zero", [3, 0, 10]),
    ],
)
def test_bad_entries_are_replaced_as_on_every_page(axis, position, repair, expected):
    assert_allclose(read(BROKEN, axis, position, repair=repair).values, expected)


def test_a_vector_is_repaired_as_a_matrix_of_one_row():
    assert_array_equal(read([1.0, np.nan, 3.0], repair="column_mean").values, [1, 0, 3])


def test_masked_scores_do_not_count():
    scores = Load(spec=InputSpec("pasted", numbers=(1.0, float("-inf"), 0.0))).run()
    assert scores.unmasked == 2


def test_ties_are_ordered_by_index():
    assert_array_equal(scores_of(1, 3, 3, 1).order, [1, 2, 0, 3])


def test_moved_points_change_scores_and_order():
    moved = with_points(scores_of(1, 2, 3), ((0, 9.0), (77, 1.0)))
    assert_array_equal(moved.values, [9, 2, 3])
    assert_array_equal(moved.order, [0, 2, 1])


def test_outputs_are_those_of_the_engine(normal):
    keys = ("hard", "exp", "sigmoid", "laplace", "grad")
    outputs = answers(normal, 5.0, [(key, 0.3) for key in keys])
    for output in outputs:
        expected = get_operator(output.key)(normal.values, 5, 0.3)
        assert_allclose(output.p, expected, rtol=0, atol=1e-15)
        assert_allclose(output.total, expected.sum(), rtol=1e-12)
        assert (output.tau, output.k) == (0.3, 5.0)
    assert outputs[0].moved == 0.0


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_outputs_by_rank_are_those_by_index_rearranged(op):
    scores = drawn("ties", 12, 1)
    by_index, by_rank = (answers(scores, 5.0, [(op.key, 0.7)], by)[0] for by in ("index", "rank"))
    assert_allclose(by_index.p, op(scores.values, 5, 0.7), rtol=0, atol=1e-15)
    assert_allclose(by_rank.p, by_index.p[scores.order], rtol=1e-9, atol=1e-12)
    assert_allclose(by_rank.by_index(), by_index.p, rtol=1e-9, atol=1e-12)
    assert_allclose([by_rank.total, by_rank.moved], [by_index.total, by_index.moved], rtol=1e-9)


@pytest.mark.parametrize("key", ["sigmoid", "clip", "scaled_softmax", "iterated_weighted_softmax"])
def test_mass_moved_is_the_sum_of_all_differences(normal, key):
    for by in ("index", "rank"):
        output = answers(normal, 5.0, [(key, 0.05)], by)[0]
        hard = get_operator("hard")(normal.along(by), 5)
        expected = sum(abs(a - b) for a, b in zip(output.p, hard, strict=True)) / 5
        assert_allclose(output.moved, expected, rtol=1e-12, atol=1e-15)


def test_an_operator_without_temperature_is_not_computed_again_while_tau_moves(normal):
    first, second = answers(normal, 5.0, [("hard", 0.3), ("hard", 0.4)])
    assert first.p is second.p
    assert (first.tau, second.tau) == (0.3, 0.4)


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
    monkeypatch.setattr(evaluating.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(evaluating, "_TIMED", set())
    first, second = (evaluating.evaluate("slow", normal, 5.0, tau)[1] for tau in (0.1, 0.2))
    assert_allclose([first, second], 0.001, rtol=1e-9)
    assert calls == [0.1, 0.1, 0.2]


def test_an_operator_that_refuses_names_the_argument(normal):
    with pytest.raises(ArgumentError, match=r"k = 2\.5") as caught:
        answers(normal, 2.5, [("grad", 1.0)])
    assert caught.value.argument == "k"
    assert answers(normal, 2.5, [("sigmoid", 1.0)])[0].p.sum() == pytest.approx(2.5)


def test_lost_digits_are_said_and_drawn_as_far_as_they_go(monkeypatch, normal):
    lost = np.full(normal.size, np.nan)
    found = "gui.pages.topk.compute.outputs.evaluate"
    monkeypatch.setattr(found, lambda *_: (lost, 0.0))
    (output,) = answers(normal, 5.0, [("exp", 1.0)])
    assert "p is not a number" in output.remark
    assert output.about == "operators"


def test_tau_sweep_watches_the_scores_around_the_boundary(normal):
    sweep = sweep_tau(normal, 5.0, ("sigmoid", "hard"), np.geomspace(1e-3, 1e3, 7))
    assert sweep.ranks == (3, 4, 5, 6)
    for step, tau in enumerate(sweep.steps):
        p = get_operator("sigmoid")(normal.values, 5, tau)
        assert_allclose(sweep.values["sigmoid"][step], p[normal.order[3:7]], atol=1e-15)
    assert_array_equal(sweep.moved["hard"], 0.0)


def test_steps_that_an_operator_refuses_are_gaps(normal):
    sweep = sweep_tau(normal, 2.5, ("grad", "sigmoid"), np.array([0.5, 1.0]))
    assert np.isnan(sweep.values["grad"]).all()
    assert np.isfinite(sweep.values["sigmoid"]).all()


def test_k_sweep_runs_from_nothing_to_everything(normal):
    sweep = SweepK(scores=normal, k=5.0, taus=(("exp", 0.5),)).run()
    assert_array_equal(sweep.steps, np.arange(41))
    assert_array_equal(sweep.values["exp"][0], 0.0)
    assert_array_equal(sweep.values["exp"][-1], 1.0)


def test_heat_map_by_rank_falls_from_left_to_right(normal):
    heat = heat_map("sigmoid", normal, 5.0, "rank", np.geomspace(1e-3, 1e3, 5))
    assert heat.p.shape == (5, 40)
    assert (np.diff(heat.p, axis=1) <= 1e-12).all()


def test_heat_map_of_many_scores_keeps_the_mass():
    scores = drawn("normal", 5000, 0)
    heat = heat_map("sigmoid", scores, 100.0, "rank", np.geomspace(1e-3, 1e3, 3))
    assert heat.p.shape[1] <= 512
    assert heat.block == 10
    assert_allclose(heat.p.sum(axis=1) * heat.block, 100.0, rtol=1e-9)


def test_sweeps_of_long_input_have_fewer_steps():
    assert [points(size, 61) for size in (64, 20_000, 20_001, 200_001)] == [61, 61, 30, 15]


def jacobian(scores, k, pairs, focus, column):
    return Jacobian(scores=scores, k=k, taus=pairs, focus=focus, column=column).run()


def test_jacobian_matrix_and_column_agree(normal):
    pairs = (("sigmoid", 0.4), ("grad", 0.4))
    whole = jacobian(normal, 5.0, pairs, "grad", None)
    column = jacobian(normal, 5.0, pairs, "grad", 7)
    assert_allclose(column.columns["grad"], whole.matrix[:, 7], atol=1e-13)


def test_gradient_is_the_product_with_the_jacobian(normal):
    step = Gradient(scores=normal, k=5.0, taus=(("sigmoid", 0.4),), direction="random", seed=1)
    part = step.run()
    matrix = get_operator("sigmoid").jacobian(normal.values, 5, 0.4)
    assert_allclose(part.values["sigmoid"], matrix.T @ part.direction, atol=1e-13)


def test_loss_directions_point_at_the_boundary(normal):
    out, last = (loss_direction(normal, 5.0, d) for d in ("first_out", "last_in"))
    assert np.flatnonzero(out) == normal.order[5]
    assert np.flatnonzero(last) == normal.order[4]


@pytest.mark.parametrize("axis", ["row", "column"])
def test_expert_load_adds_up_and_finds_the_starved(axis):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(150, 8))
    logits[:, 3] -= 9.0
    data = opened(logits if axis == "row" else logits.T)
    load = AddUp(data=data, axis=axis, k=2.0, taus=(("sigmoid", 0.3), ("hard", 0.3))).run()
    assert_allclose(load.load["sigmoid"].sum(), 300.0, rtol=1e-9)
    assert load.fair == 37.5
    assert_array_equal(load.starved("sigmoid"), [3])
    expected = get_operator("hard")(logits, 2).sum(axis=0)
    assert_array_equal(load.load["hard"], expected)


def test_expert_load_is_that_of_the_repaired_array():
    taus = (("sigmoid", 0.3),)
    load = AddUp(data=opened(BROKEN, repair="column_mean"), axis="row", k=1.0, taus=taus).run()
    mended = np.array([[1.0, 6.5, 3.0], [4.0, 5.0, 6.5], [7.0, 8.0, 10.0]])
    assert_allclose(load.load["sigmoid"], get_operator("sigmoid")(mended, 1, 0.3).sum(axis=0))


def test_laws_are_the_measurements_of_the_engine(normal):
    step = JudgeLaws(scores=normal, k=4.0, taus=(("sigmoid", 0.5), ("scaled_softmax", 0.5)))
    report = step.run()
    expected = check_laws(get_operator("scaled_softmax"), normal.values, 4, 0.5)
    mine = [one for one in report.verdicts if one.operator == "scaled_softmax"]
    assert [(one.law, one.worst) for one in mine] == [(one.law, one.worst) for one in expected]


def test_what_is_not_defined_is_grey_and_neither_good_nor_bad():
    tied = scores_of(2, 1, 1, 0)
    report = JudgeLaws(scores=tied, k=2.0, taus=(("hard", 1.0), ("sigmoid", 0.5))).run()
    table = LawsTable(
        report=report, infos={one.key: one for one in catalogue()}, witness="", own_tau=False
    ).table()
    grey = {(cell.data, cell.value) for row in table.cells for cell in row if cell.role == "muted"}
    assert grey == {("hard:limit", None), ("hard:softmax", None), ("sigmoid:limit", None)}
    (limit,) = (one for one in claims(tied, k=2.0).claims if one.title == "limit")
    assert claim_cells(limit, {})[0].role == "muted"


def claims(scores, comparison="tau", softness=0.2, k=4.0):
    level = {"comparison": comparison, "tau": 0.5, "softness": softness}
    kind = {"permutation": "neuralsort", "swap": "cauchy"}
    return JudgeClaims(scores=scores, k=k, **level, **kind).run()


def test_claims_have_a_verdict_each(normal):
    found = claims(normal).claims
    assert {claim.verdict for claim in found} <= {
        "holds",
        "fails",
        "broken",
        "undefined",
        "not applicable",
    }
    assert any("laplace" in claim.title for claim in found)


def test_claims_at_equal_softness_are_measured_at_each_operators_own_tau(normal):
    own = {
        key: answers(normal, 4.0, [(key, 0.5)], comparison="mass", softness=0.3)[0].tau
        for key in ("exp", "sigmoid", "laplace", "grad")
    }
    expected = check_claims(normal.values, 4.0, own)
    found = claims(normal, "mass", 0.3).claims[: len(expected)]  # then comes the permutation
    assert [one.measured for one in found] == pytest.approx(
        [one.measured for one in expected], nan_ok=True
    )
    assert len(set(own.values())) == 4


def test_equal_softness_gives_every_operator_its_own_tau(normal):
    level = {"comparison": "mass", "softness": 0.3}
    hard, *soft = answers(normal, 5.0, [("hard", 0.5), ("sigmoid", 0.5), ("grad", 0.5)], **level)
    for output in soft:
        assert_allclose(output.moved, 0.3, atol=1e-6)
        assert output.tau != 0.5
        expected = get_operator(output.key)(normal.values, 5, output.tau)
        assert_allclose(output.p, expected, rtol=0, atol=1e-15)
    assert hard.tau == 1.0  # it has none: the shared one is not in force


def test_a_softness_out_of_reach_is_refused_and_no_other_tau_stands_in(normal):
    with pytest.raises(Refused, match=r"cannot reach 0\.99") as caught:
        answers(normal, 5.0, [("sigmoid", 0.5)], comparison="entropy", softness=0.99)
    assert caught.value.argument == "softness"


def test_claims_about_operators_that_do_not_reach_the_softness_are_not_applicable(normal):
    report = claims(normal, "entropy", 0.99)
    assert report.taus == ()
    measured = {one.title: one.verdict for one in report.claims}
    assert measured.pop("weighted limit") == "holds"  # it has a tau of its own
    assert set(measured.values()) == {"not applicable"}


def test_where_nothing_is_chosen_the_shared_tau_counts_for_nothing(normal):
    (output,) = answers(normal, 0.0, [("sigmoid", 0.5)], comparison="mass", softness=0.3)
    assert output.tau == 1.0
    assert "strictly between" in output.remark


def test_the_taus_of_the_lower_views_are_those_the_outputs_were_made_with(normal):
    level = {"comparison": "mass", "softness": 0.3}
    made = {key: answers(normal, 5.0, [(key, 0.5)], **level)[0] for key in ("sigmoid", "grad")}
    assert taus(("sigmoid", "grad"), 0.5, made) == tuple((k, one.tau) for k, one in made.items())
    assert taus(("sigmoid", "grad"), 0.5, None) == (("sigmoid", 0.5), ("grad", 0.5))


def test_work_that_takes_minutes_is_refused_in_words():
    assert too_long("exp", 5_000_000, 1000) == ""
    assert "too long" in too_long("neuralsort", 1_000_000, 1000)
