"""Factors of a whole budget read back, beside the matrices they stand for."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.checkpoint import allocate, open_checkpoint, save_budget, whitened_svd
from engine.errors import ArgumentError, DataError, FileError
from tests.engine.checkpoint.models import saved, tensors

Q = "model.layers.0.self_attn.q_proj.weight"


def stored(folder):
    return {k: one for file in folder.glob("*.safetensors") for k, one in load_file(file).items()}


def test_a_budget_is_saved_with_the_error_it_has(tmp_path):
    model = open_checkpoint(saved(tmp_path / "model", tensors(layers=3, width=24)))
    matrices = [model.read(one).astype(np.float64) for one in model.matrices]
    spectra = [np.linalg.svd(one, compute_uv=False) for one in matrices]
    budget = allocate(spectra, [one.shape for one in model.matrices], 0.6)
    ranks = dict(zip((one.name for one in model.matrices), budget.ranks, strict=True))
    report = save_budget(model, ranks, tmp_path / "factors")
    found = stored(tmp_path / "factors")
    assert report.dense == tuple(name for name, rank in ranks.items() if rank is None)
    assert len(found) == 2 * len(report.matrices)
    assert (
        sum(one.size for one in found.values())
        + sum(one.size for one, rank in zip(matrices, budget.ranks, strict=True) if rank is None)
        == budget.parameters
    )
    for one in report.matrices:
        w = model.read(model.matrix(one.name)).astype(np.float64)
        a, b = found[one.name + ".a"], found[one.name + ".b"]
        assert (a.dtype, a.shape[1]) == (np.float32, one.rank)
        truth = np.linalg.norm(w - a.astype(np.float64) @ b.astype(np.float64))
        assert truth <= one.error <= truth * (1.0 + 1e-9)
        assert one.relative == pytest.approx(truth / np.linalg.norm(w), rel=1e-9)
    assert report.error == pytest.approx(budget.error, rel=1e-6)
    # The folder is a checkpoint again.
    assert len(open_checkpoint(tmp_path / "factors").matrices) == len(found)


def test_short_types_stay_short_and_their_rounding_counts(tmp_path):
    w = tensors(layers=1, width=16)[Q].astype(ml_dtypes.bfloat16)
    path = saved(tmp_path / "model", {Q: w})
    (one,) = save_budget(path, {Q: 16}, tmp_path / "short").matrices
    assert stored(tmp_path / "short")[Q + ".a"].dtype == ml_dtypes.bfloat16
    (wide,) = save_budget(path, {Q: 16}, tmp_path / "wide", dtype="float32").matrices
    assert one.floor < 1e-12
    assert 1e-4 < one.relative < 1e-2
    assert 1e-9 < wide.relative < 1e-6


@pytest.mark.parametrize("name", [Q, "h.0.mlp.c_fc.weight"])
def test_covariances_choose_what_is_kept_in_either_orientation(tmp_path, name):
    rng = np.random.default_rng(0)
    w, x = (
        rng.standard_normal((20, 12)),
        rng.standard_normal((12, 40)) * np.logspace(0, -2, 12)[:, None],
    )
    weight = w.T if "c_fc" in name else w
    path = saved(tmp_path / "model", {name: np.ascontiguousarray(weight)})
    save_budget(path, {name: 4}, tmp_path / "f", {name: x @ x.T}, dtype="float64")
    found = stored(tmp_path / "f")
    product = found[name + ".a"] @ found[name + ".b"]
    product = product.T if "c_fc" in name else product
    floor = whitened_svd(w, x @ x.T, 4).residual_frobenius
    assert np.linalg.norm((w - product) @ x) == pytest.approx(floor, rel=1e-9)


def test_rank_zero_zeros_and_several_shards(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.checkpoint.budget.saving._SHARD_BYTES", 1)
    path = saved(tmp_path / "model", {"q": np.zeros((3, 4)), "k": np.ones((3, 4)), "v": np.eye(3)})
    report = save_budget(path, {"q": 1, "k": 0, "v": 1}, tmp_path / "f")
    zero, none, _ = report.matrices
    assert (zero.error, zero.relative) == (0.0, 0.0)
    assert (none.error, none.relative) == (pytest.approx(math.sqrt(12.0)), 1.0)
    assert sorted(one.name for one in (tmp_path / "f").iterdir()) == [
        *("factors-00001.safetensors", "factors-00002.safetensors"),
        "factors.safetensors.index.json",
    ]


def test_what_cannot_be_saved(tmp_path):
    path = saved(tmp_path / "model", {"q": np.eye(3), "bad": np.full((2, 2), np.nan)})
    save_budget(path, {"q": 1}, tmp_path / "f")
    with pytest.raises(FileError, match="exists"):
        save_budget(path, {"q": 1}, tmp_path / "f")
    save_budget(path, {"q": 2}, tmp_path / "f", overwrite=True)
    for ranks in ({"no": 1}, {"q": 4}, {"q": -1}):
        with pytest.raises(ArgumentError, match="ranks"):
            save_budget(path, ranks, tmp_path / "g")
    with pytest.raises(DataError):
        save_budget(path, {"bad": 1}, tmp_path / "g")
    with pytest.raises(ArgumentError, match="dtype"):
        save_budget(path, {"q": 1}, tmp_path / "g", dtype="int8")
