"""What a saved file of factors holds: reopened, never trusted."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors import safe_open

from gui.pages.spectrum.compute.saving import SaveFactors

A = np.random.default_rng(0).normal(size=(9, 6))


def request(path, dtype="float32", rank=2):
    u, s, vh = np.linalg.svd(A, full_matrices=False)
    data = SimpleNamespace(
        ref=SimpleNamespace(title="weights · q"),
        source=SimpleNamespace(sha256=lambda progress: "ab" * 32),
    )
    return SaveFactors(
        data, SimpleNamespace(u=u, s=s, vh=vh), rank, str(path), dtype, 0.25, "Rank 2 is enough."
    )


def best(rank=2):
    u, s, vh = np.linalg.svd(A)
    return (u[:, :rank] * s[:rank]) @ vh[:rank]


NOTES = {
    "source": "weights · q",
    "source_sha256": "ab" * 32,
    "rank": "2",
    "rank_rule": "Rank 2 is enough.",
    "relative_frobenius_error": "0.25",
}


def test_npz_has_three_factors_and_where_they_come_from(tmp_path):
    path = request(tmp_path / "f.npz").run()
    with np.load(path) as stored:
        assert stored["u"].dtype == np.float32
        np.testing.assert_allclose((stored["u"] * stored["s"]) @ stored["vh"], best(), atol=1e-6)
        assert json.loads(str(stored["metadata"])) == NOTES


@pytest.mark.parametrize(
    ("name", "up", "down"),
    [
        ("f.safetensors", "a", "b"),
        ("f.lora.safetensors", "lora_up.weight", "lora_down.weight"),
        ("F.LoRA.SafeTensors", "lora_up.weight", "lora_down.weight"),
    ],
)
def test_safetensors_has_two_factors_named_for_lora_on_request(tmp_path, name, up, down):
    path = request(tmp_path / name).run()
    with safe_open(path, framework="np") as stored:
        np.testing.assert_allclose(
            stored.get_tensor(up) @ stored.get_tensor(down), best(), atol=1e-6
        )
        assert stored.metadata() == NOTES
        if up != "a":
            assert float(stored.get_tensor("alpha")) == 2.0


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [("float16", "F16"), ("bfloat16", "BF16"), ("float64", "F64"), ("uint8", "F64")],
)
def test_factors_have_the_type_of_the_data_where_it_can_hold_them(tmp_path, dtype, kept):
    whole = Path(request(tmp_path / "f.safetensors", dtype).run()).read_bytes()
    header = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])
    assert header["a"]["dtype"] == kept
