"""A model against its altered copy, beside what NumPy says of the two."""

from __future__ import annotations

import time
from dataclasses import fields

import ml_dtypes
import numpy as np
import pytest
import scipy.linalg

from engine.checkpoint import changes_of, compare, match, open_checkpoint
from engine.checkpoint.listing import checkpoint_of
from engine.checkpoint.sweeping import ways
from engine.errors import ArgumentError
from engine.files import memory_source
from engine.jobs import Cancelled
from tests.engine.checkpoint.models import saved, tensors

Q, UP = "model.layers.0.self_attn.q_proj.weight", "model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def models(tmp_path):
    before = tensors(layers=2, width=24)
    after = dict(before)
    rng = np.random.default_rng(5)
    after[Q] = before[Q] + 0.1 * rng.standard_normal((24, 24)).astype(np.float32)
    strong = np.outer(rng.standard_normal(48), rng.standard_normal(24)).astype(np.float32)
    after[UP] = before[UP] + strong
    return before, after, saved(tmp_path / "base", before), saved(tmp_path / "tuned", after)


def test_rows_say_what_numpy_says(models):
    before, after, base, tuned = models
    rows, alone = compare(base, tuned, rank=5)
    assert alone == ()
    assert [(row.role, row.layer) for row in rows] == [("up", 0), ("q", 0), ("up", 1), ("q", 1)]
    for row in rows:
        first, second = (side[row.name].astype(np.float64) for side in (before, after))
        values = np.linalg.svd(second - first, compute_uv=False)
        np.testing.assert_allclose(row.delta_values, values, atol=1e-12)
        if row.note == "Unchanged.":
            assert not values.any()
            assert (row.relative_change, row.delta_stable_rank, row.intruders) == (0.0, 0.0, 0)
            assert row.angles_left.tolist() == [0.0] * 5
            continue
        size = np.linalg.norm(second - first)
        assert row.relative_change == pytest.approx(size / np.linalg.norm(first), rel=1e-12)
        assert row.delta_stable_rank == pytest.approx((size / values[0]) ** 2, rel=1e-12)
        (u, _, vh), (v, _, wh) = np.linalg.svd(first), np.linalg.svd(second)
        for found, one, other in (
            (row.angles_left, u[:, :5], v[:, :5]),
            (row.angles_right, vh[:5].T, wh[:5].T),
        ):
            truth = scipy.linalg.subspace_angles(one, other)
            np.testing.assert_allclose(found, truth, atol=1e-12)
        cosines = np.abs(u[:, :24].T @ v[:, :10]).max(axis=0)
        assert row.intruders == np.count_nonzero(cosines < 0.5)
    assert [bool(row.note) for row in rows] == [False, False, True, True]


def test_left_is_the_side_of_the_outputs_of_a_conv1d_too(tmp_path):
    rng = np.random.default_rng(2)
    first = rng.standard_normal((6, 24))
    second = first + 0.3 * rng.standard_normal((6, 24))
    name = "h.0.mlp.c_fc.weight"  # in x out
    paths = [saved(tmp_path / str(n), {name: one}) for n, one in enumerate((first, second))]
    (row,), _ = compare(*paths, rank=3)
    sides = [np.linalg.svd(one.T)[0][:, :3] for one in (first, second)]
    np.testing.assert_allclose(row.angles_left, scipy.linalg.subspace_angles(*sides), atol=1e-12)


def test_a_bfloat16_difference_is_exact(tmp_path):
    first = np.array([[1.0, 2.0], [3.0, 4.0]]).astype(ml_dtypes.bfloat16)
    second = np.array([[1.0078125, 2.0], [3.0, 4.0]]).astype(ml_dtypes.bfloat16)
    paths = [saved(tmp_path / str(n), {Q: one}) for n, one in enumerate((first, second))]
    (row,), _ = compare(*paths)
    assert row.delta_values.tolist() == [0.0078125, 0.0]


def test_one_that_cannot_be_computed_leaves_the_others(models, tmp_path):
    _, after, base, _ = models
    after = {**after, Q: np.full((24, 24), np.nan, np.float32)}
    rows, _ = compare(base, saved(tmp_path / "bad", after))
    broken = next(row for row in rows if row.name == Q)
    assert "NaN" in broken.note
    assert np.isnan(broken.relative_change)
    assert rows[0].relative_change > 0.0


def test_zero_bases_ranks_and_names(models, tmp_path):
    before, _, base, tuned = models
    zero = saved(tmp_path / "zero", {**before, Q: np.zeros((24, 24), np.float32)})
    rows, _ = compare(zero, tuned, include="0.*q_proj")
    assert [row.name for row in rows] == [Q]
    assert rows[0].relative_change == np.inf
    assert compare(base, tuned, rank=0)[0][0].angles_left.shape == (0,)
    assert compare(base, tuned, rank=99, include="0.*q_proj")[0][0].angles_left.shape == (24,)
    with pytest.raises(ArgumentError, match="include"):
        compare(base, tuned, include="(")


def test_it_stops_when_asked(models):
    class Stop:
        cancelled = True

        def report(self, fraction, text):
            """Nothing is shown."""

    with pytest.raises(Cancelled):
        compare(*models[2:], progress=Stop())


def alike(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        if field.name in ("delta_values", "angles_left", "angles_right")
        else repr(getattr(one, field.name)) == repr(getattr(other, field.name))
        for field in fields(one)
    )


def test_threads_processes_and_one_by_one_agree_bit_for_bit(models, monkeypatch, children):
    before, after, base, tuned = models
    one, two = (compare(base, tuned, workers=n)[0] for n in (1, 2))
    assert all(map(alike, one, two))
    monkeypatch.setattr(ways, "_SMALL", 0.0)
    # What lies in no file is in this process only.
    sides = tuple(checkpoint_of(memory_source(side)) for side in (before, after))
    assert all(map(alike, one, compare(*sides, workers=2)[0]))
    assert children() == []
    sides = tuple(map(open_checkpoint, (base, tuned)))
    found = changes_of(match(*sides)[0], sides, workers=2)
    for _ in range(3):
        number, change = next(found)
        assert alike(change, one[number])
    # One that is left ends its processes.
    assert len(children()) == 2
    began = time.perf_counter()
    found.close()
    assert time.perf_counter() - began < 1.0  # 0.2 s where nothing else runs
    assert children() == []


def test_what_no_process_could_compare_is_a_note(models):
    from engine.checkpoint.changes.pairs import PairTask

    pair = match(*models[2:])[0][0]
    lost = PairTask(pair, 8).lost("Its process ended.")
    assert (lost.name, lost.is_computed, lost.note) == (pair.name, False, "Its process ended.")
