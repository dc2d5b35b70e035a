"""Trained weights from a package, and models as libraries make them, all the way to a LoRA.

``pip install -e .[models]`` brings what these long tests need; they are passed over without it.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from safetensors.numpy import load_file, save_file

from engine.checkpoint import (
    allocate,
    compare,
    extract_lora,
    open_checkpoint,
    save_budget,
    sweep,
)

pytestmark = pytest.mark.long


def needs(*packages):
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"not installed: {', '.join(lacking)}")


@pytest.fixture
def trained():
    """The weights of a voice detector, as its wheel carries them."""
    spec = importlib.util.find_spec("silero_vad")
    return Path(spec.origin).parent / "data" / "silero_vad_16k.safetensors"


def run_python(code, *words):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("FOUND")[2])


@needs("silero_vad")
def test_a_trained_model_is_swept_budgeted_and_compared_with_an_altered_copy(trained, tmp_path):
    opened = open_checkpoint(trained)
    found = sweep(opened, cache=tmp_path / "rows")
    assert len(found.rows) == 8
    assert [row.problem for row in found.rows] == [""] * 8
    assert {row.role for row in found.rows} == {"conv", "recurrent"}
    for matrix, row in zip(opened.matrices, found.rows, strict=True):
        exact = scipy.linalg.svdvals(np.asarray(opened.read(matrix), np.float64))
        assert np.abs(row.values - exact).max() <= row.error_bound + 1e-14 * exact[0]

    shapes = [row.shape for row in found.rows]
    budget = allocate([row.values for row in found.rows], shapes, 0.5, weights="relative")
    assert budget.lower_bound <= budget.error
    ranks = dict(zip((row.name for row in found.rows), budget.ranks, strict=True))
    report = save_budget(opened, ranks, tmp_path / "factors")
    whole = sum(m * n for m, n in shapes)
    kept = sum(
        m * n if ranks[name] is None else ranks[name] * (m + n)
        for name, (m, n) in zip(ranks, shapes, strict=True)
    )
    assert kept == budget.parameters <= 0.5 * whole
    assert len(report.matrices) == sum(rank is not None for rank in budget.ranks)

    tensors, rng = load_file(trained), np.random.default_rng(0)
    name = "lstm_cell.weight_hh"
    change = rng.standard_normal((512, 3)) @ rng.standard_normal((3, 128)) / 50
    tensors[name] = (tensors[name] + change).astype(np.float32)
    save_file(tensors, tmp_path / "altered.safetensors")
    changes, alone = compare(trained, tmp_path / "altered.safetensors")
    assert alone == ()
    assert [one.name for one in changes if one.relative_change > 0.0] == [name]
    (one,) = [one for one in changes if one.name == name]
    assert one.delta_values[2] > 1e4 * one.delta_values[3]
    again = sweep(tmp_path / "altered.safetensors", cache=tmp_path / "rows")
    assert again.reused == 7  # by content: what did not change is not computed again


LORA = r"""
import json, sys, torch, warnings
from peft import PeftModel
from safetensors.torch import load_file
folder = sys.argv[1]

class Layers(torch.nn.Module):
    def __init__(self, tensors):
        super().__init__()
        for name, one in tensors.items():
            layer = torch.nn.Linear(one.shape[1], one.shape[0], bias=False)
            layer.weight.data = one.clone()
            setattr(self, name.removesuffix(".weight"), layer)

base, tuned = (load_file(f"{folder}/{one}.safetensors") for one in ("base", "tuned"))
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    merged = PeftModel.from_pretrained(Layers(base), folder + "/lora").merge_and_unload()
assert not [one for one in said if "missing" in str(one.message).lower()], said
print("FOUND" + json.dumps({name: float((one.double() - tuned[name].double()).norm())
                            for name, one in merged.state_dict().items()}))
"""


@needs("silero_vad", "torch", "peft")
def test_peft_merges_a_lora_between_trained_weights_and_an_altered_copy(trained, tmp_path):
    tensors = load_file(trained)
    several = [name for name, one in tensors.items() if one.ndim > 1 and one.shape[0] > 1]
    linear = {
        f"fc{number}.weight": tensors[name].reshape(len(tensors[name]), -1)
        for number, name in enumerate(several, 1)
    }
    rng = np.random.default_rng(1)
    tuned = {
        name: (one + 0.02 * rng.standard_normal((len(one), rank)) @ rng.standard_normal(
            (rank, one.shape[1]))).astype(np.float32)
        for rank, (name, one) in enumerate(linear.items(), 1)
    }  # fmt: skip
    save_file(linear, tmp_path / "base.safetensors")
    save_file(tuned, tmp_path / "tuned.safetensors")
    sides = tmp_path / "base.safetensors", tmp_path / "tuned.safetensors"
    report = extract_lora(*sides, tmp_path / "lora", max_rank=4)
    assert {one.module: one.rank for one in report.modules} == {
        f"fc{rank}": min(rank, 4) for rank in range(1, 8)
    }
    found = run_python(LORA, tmp_path)
    for one in report.modules:
        # Merging rounds the sum to float32 once more.
        assert found[one.module + ".weight"] <= one.error * (1.0 + 1e-5) + 1e-5
        assert one.error <= one.floor * 1.000001 + 1e-5


WATCHED = r"""
import json, logging, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.WARNING)
import torch, weightwatcher
from transformers import BertConfig, BertModel
folder = sys.argv[1]
torch.manual_seed(0)
model = BertModel(BertConfig(num_hidden_layers=2, hidden_size=96, intermediate_size=384,
                             num_attention_heads=4, vocab_size=60))
with torch.no_grad():
    for one in model.parameters():
        if one.ndim == 2:
            one += torch.randn(one.shape[0], 8) @ torch.randn(8, one.shape[1]) * 0.01
model.save_pretrained(folder)
found = weightwatcher.WeightWatcher(model=model).analyze(min_evals=0, plot=False, randomize=False)
print("FOUND" + json.dumps(dict(zip(found["longname"], map(float, found["alpha"])))))
"""


@needs("torch", "transformers", "weightwatcher")
def test_alpha_is_that_of_weightwatcher(tmp_path):
    watched = run_python(WATCHED, tmp_path)
    alphas = {row.name.removesuffix(".weight"): row.alpha for row in sweep(tmp_path).rows}
    layers = [name for name in watched if name.startswith("encoder.")]
    assert len(layers) == 12
    for name in layers:
        assert alphas[name] == pytest.approx(watched[name], rel=1e-10)
