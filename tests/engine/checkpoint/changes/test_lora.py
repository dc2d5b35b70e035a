"""LoRAs of what changed: certified errors, names that meet one module, what is left out."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file

from engine import room
from engine.checkpoint import adapter_factors, extract_lora
from engine.checkpoint.sweeping import ways
from engine.errors import ArgumentError, DataError, FileError
from engine.jobs import Cancelled
from tests.engine.checkpoint.models import saved

STEM = "model.layers"
RNG = np.random.default_rng(0)


def numbers(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def low_rank(m, n, rank, size=1.0):
    return (size * numbers(m, rank) @ numbers(rank, n)).astype(np.float32)


@pytest.fixture
def models(tmp_path):
    """A model whose q has a change of rank 2, whose up changed everywhere, and more beside."""
    base = {
        f"{STEM}.0.self_attn.q_proj.weight": numbers(20, 16),
        f"{STEM}.1.self_attn.q_proj.weight": numbers(20, 16),
        f"{STEM}.1.mlp.up_proj.weight": numbers(24, 16),
        f"{STEM}.10.mlp.up_proj.weight": numbers(24, 16),
        f"{STEM}.0.input_layernorm.weight": numbers(16),
        f"{STEM}.1.input_layernorm.weight": numbers(16),
        f"{STEM}.0.mlp.experts.gate_up_proj": numbers(2, 8, 16),
        "model.embed_tokens.weight": numbers(40, 16),
        "patch_embed.proj.weight": numbers(6, 3, 4, 4),
    }
    tuned = {name: one.copy() for name, one in base.items()}
    tuned[f"{STEM}.0.self_attn.q_proj.weight"] += low_rank(20, 16, 2)
    tuned[f"{STEM}.1.mlp.up_proj.weight"] += 0.1 * numbers(24, 16)
    tuned[f"{STEM}.10.mlp.up_proj.weight"] += low_rank(24, 16, 1)
    for name in (
        f"{STEM}.0.input_layernorm.weight",
        f"{STEM}.0.mlp.experts.gate_up_proj",
        "model.embed_tokens.weight",
        "patch_embed.proj.weight",
    ):
        tuned[name] += 0.1
    return base, tuned, saved(tmp_path / "base", base), saved(tmp_path / "tuned", tuned)


def delta(models, module):
    name = module + ".weight"
    return models[1][name].astype(np.float64) - models[0][name].astype(np.float64)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_every_module_is_within_its_certified_error_as_read_back(models, tmp_path, dtype):
    report = extract_lora(*models[2:], tmp_path / "lora", max_rank=6, dtype=dtype)
    assert report.folder == str(tmp_path / "lora")
    assert [one.module for one in report.modules] == [
        f"{STEM}.0.self_attn.q_proj",
        f"{STEM}.1.mlp.up_proj",
        f"{STEM}.10.mlp.up_proj",
    ]
    assert [one.rank for one in report.modules] == [2, 6, 1]
    stored = load_file(tmp_path / "lora" / "adapter_model.safetensors")
    for one in report.modules:
        d = delta(models, one.module)
        b, a = (stored[f"base_model.model.{one.module}.lora_{side}.weight"] for side in "BA")
        assert a.dtype == (ml_dtypes.bfloat16 if dtype == "bfloat16" else np.dtype(dtype))
        found = np.linalg.norm(d - b.astype(np.float64) @ a.astype(np.float64))
        assert found <= one.error <= found * (1.0 + 1e-9) + 1e-12
        floor = np.linalg.norm(np.linalg.svd(d, compute_uv=False)[one.rank :])
        assert one.floor == pytest.approx(floor, rel=1e-9, abs=1e-12)
        assert one.error >= one.floor
        assert one.relative == pytest.approx(one.error / np.linalg.norm(d), rel=1e-12)
    # The rounding of the factors is part of what is certified.
    coarse = report.modules[0].relative
    assert {"float32": 1e-8, "float16": 1e-5, "bfloat16": 1e-4}[dtype] < coarse
    assert coarse < {"float32": 1e-6, "float16": 2e-3, "bfloat16": 2e-2}[dtype]


def test_what_is_left_out_is_said_with_its_reason(models, tmp_path):
    report = extract_lora(*models[2:], tmp_path / "lora")
    reasons = dict(report.left_out)
    assert "an embedding" in reasons["model.embed_tokens.weight"]
    assert "a convolution" in reasons["patch_embed.proj.weight"]
    assert "one of a stack" in reasons[f"{STEM}.0.mlp.experts.gate_up_proj[1]"]
    assert "a LoRA holds no vectors" in reasons[f"{STEM}.0.input_layernorm.weight"]
    assert len(reasons) == 5
    # What did not change is no loss.
    assert f"{STEM}.1.self_attn.q_proj.weight" not in reasons


def test_patterns_meet_one_module_each(models, tmp_path):
    extract_lora(*models[2:], tmp_path / "lora", max_rank=3)
    config = json.loads((tmp_path / "lora" / "adapter_config.json").read_text())
    assert config["rank_pattern"] == config["alpha_pattern"]
    assert config["r"] == config["lora_alpha"] == 3
    modules = config["target_modules"]
    others = [*modules, *(f"vision.{one}" for one in modules), *(f"{one}x" for one in modules)]
    others += [one.replace(".", "x", 1) for one in modules]
    for key, rank in config["rank_pattern"].items():
        # As PEFT's get_pattern_key asks.
        met = [one for one in others if re.match(rf"(.*\.)?({key})$", one)]
        assert len(met) == 1
        assert met[0] in modules
        assert rank in (1, 2, 3)


def test_a_conv1d_is_turned_and_a_bare_base_takes_the_longer_name(tmp_path):
    weight, change = numbers(16, 48), low_rank(16, 48, 2)
    base = saved(tmp_path / "a", {"h.0.attn.c_attn.weight": weight})
    tuned = saved(tmp_path / "b", {"transformer.h.0.attn.c_attn.weight": weight + change})
    report = extract_lora(base, tuned, tmp_path / "lora")
    assert report.modules[0].module == "transformer.h.0.attn.c_attn"
    assert json.loads((tmp_path / "lora" / "adapter_config.json").read_text())["fan_in_fan_out"]
    found = adapter_factors(tmp_path / "lora")["transformer.h.0.attn.c_attn"]
    np.testing.assert_allclose((found.u * found.s) @ found.vh, change.T, atol=1e-5)


@pytest.mark.parametrize("processes", [False, True])
def test_several_at_once_write_the_same_bytes(models, tmp_path, processes, monkeypatch):
    monkeypatch.setattr(ways, "_SMALL", 0.0 if processes else 1e9)
    found = []
    for workers in (1, 3):
        folder = tmp_path / f"lora{workers}"
        report = extract_lora(*models[2:], folder, max_rank=3, dtype="bfloat16", workers=workers)
        files = [(folder / name).read_bytes() for name in sorted(p.name for p in folder.iterdir())]
        found.append((report.modules, report.left_out, files))
    assert found[0] == found[1]
    with pytest.raises(ArgumentError, match="workers"):
        extract_lora(*models[2:], tmp_path / "none", workers=0)


def test_a_stop_ends_the_processes_before_anything_is_written(
    models, tmp_path, monkeypatch, children
):
    monkeypatch.setattr(ways, "_SMALL", 0.0)

    class Stopping:
        cancelled = False

        def report(self, fraction, text):
            self.cancelled = bool(children())

    with pytest.raises(Cancelled):
        extract_lora(*models[2:], tmp_path / "lora", progress=Stopping())
    assert not children()
    assert not list((tmp_path / "lora").iterdir())


def test_what_fails_in_a_process_is_the_error_it_is_here(models, tmp_path, monkeypatch):
    tuned = {name: one.copy() for name, one in models[1].items()}
    tuned[f"{STEM}.1.mlp.up_proj.weight"][3, 4] = np.nan
    bad = saved(tmp_path / "bad", tuned)
    said = []
    for small in (1e9, 0.0):
        monkeypatch.setattr(ways, "_SMALL", small)
        with pytest.raises(DataError) as caught:
            extract_lora(models[2], bad, tmp_path / "lora", workers=2)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "(3, 4)" in said[0] or "row 3" in said[0]


def test_memory_is_asked_for_by_what_is_decomposed_at_once(models, tmp_path, monkeypatch):
    monkeypatch.setenv("RANKSCOPE_ANY_SIZE", "")
    monkeypatch.setattr(room, "_permitted", set())
    needed = []
    for workers in (1, 2):
        monkeypatch.setattr(room, "available_memory", lambda: 1000)
        with pytest.raises(room.TooLarge, match="The LoRA takes") as caught:
            extract_lora(*models[2:], tmp_path / "lora", workers=workers)
        needed.append(caught.value.needed)
    # The embedding, 40 x 16, is compared and not decomposed: the largest is 24 x 16.
    assert needed[1] == 2 * needed[0]
    monkeypatch.setattr(room, "available_memory", lambda: 2 * needed[1])
    extract_lora(*models[2:], tmp_path / "lora", workers=2)


def test_ranks_of_ones_own_come_before_the_rule(models, tmp_path):
    q, up = f"{STEM}.0.self_attn.q_proj", f"{STEM}.1.mlp.up_proj"
    ranks = {q: 1, up + ".weight": 4, f"{STEM}.10.mlp.up_proj": 0}
    report = extract_lora(*models[2:], tmp_path / "lora", ranks=ranks)
    assert [(one.module, one.rank) for one in report.modules] == [(q, 1), (up, 4)]
    assert "rank chosen for it is 0" in dict(report.left_out)[f"{STEM}.10.mlp.up_proj.weight"]
    only = extract_lora(*models[2:], tmp_path / "some", rule=("energy", 0.5), include="up_proj")
    assert [one.module for one in only.modules] == [up, f"{STEM}.10.mlp.up_proj"]
    d = np.linalg.svd(delta(models, up), compute_uv=False) ** 2
    assert only.modules[0].rank == 1 + np.count_nonzero(np.cumsum(d) < 0.5 * d.sum())


def test_nothing_is_written_over_and_nothing_made_of_nothing(models, tmp_path):
    extract_lora(*models[2:], tmp_path / "lora")
    with pytest.raises(FileError, match="exists"):
        extract_lora(*models[2:], tmp_path / "lora")
    extract_lora(*models[2:], tmp_path / "lora", max_rank=1, overwrite=True)
    with pytest.raises(DataError, match="No Linear layer changed"):
        extract_lora(models[2], models[2], tmp_path / "same")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="written"):
        extract_lora(*models[2:], tmp_path / "file")
    for wrong in ({"rule": ("no",)}, {"max_rank": -1}, {"ranks": {"q": -1}}, {"dtype": "int8"}):
        with pytest.raises(ArgumentError):
            extract_lora(*models[2:], tmp_path / "wrong", **wrong)


def test_a_lora_is_cut_to_lower_rank_without_its_base(models, tmp_path):
    extract_lora(*models[2:], tmp_path / "lora", max_rank=8)
    report = extract_lora(None, tmp_path / "lora", tmp_path / "small", max_rank=2)
    assert [one.rank for one in report.modules] == [2, 2, 1]
    named = extract_lora(models[2], tmp_path / "lora", tmp_path / "named", max_rank=2)
    assert named.modules == report.modules  # as with its base at hand
    wide, small = (adapter_factors(tmp_path / name) for name in ("lora", "small"))
    for one in report.modules:
        f, g = wide[one.module], small[one.module]
        rest = np.linalg.norm((f.u * f.s) @ f.vh - (g.u * g.s) @ g.vh)
        assert rest <= one.error <= rest * (1.0 + 1e-6) + 1e-6


PEFT = r"""
import json, sys, torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

folder, family = sys.argv[1:]
torch.manual_seed(0)
if family == "gpt2":
    config = GPT2Config(n_layer=2, n_embd=32, n_head=4, vocab_size=50, n_positions=16)
    make, kind = (lambda: GPT2LMHeadModel(config)), GPT2LMHeadModel
else:
    config = LlamaConfig(hidden_size=32, intermediate_size=48, num_hidden_layers=12,
        num_attention_heads=4, num_key_value_heads=2, vocab_size=50)
    make, kind = (lambda: LlamaForCausalLM(config)), LlamaForCausalLM
if sys.argv[0] == "-c" and not __import__("os").path.exists(folder + "/base"):
    model = make()
    model.save_pretrained(folder + "/base")
    with torch.no_grad():
        for number, (name, one) in enumerate(model.named_parameters()):
            if one.ndim == 2 and "wte" not in name and "wpe" not in name and "embed" not in name \
                    and "lm_head" not in name:
                r = 1 + number % 8
                one += torch.randn(one.shape[0], r) @ torch.randn(r, one.shape[1]) * 0.1
    model.save_pretrained(folder + "/tuned")
else:
    import warnings
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        base = kind.from_pretrained(folder + "/base")
        merged = PeftModel.from_pretrained(base, folder + "/lora").merge_and_unload()
    assert not [one for one in said if "missing" in str(one.message).lower()], said
    tuned = kind.from_pretrained(folder + "/tuned").state_dict()
    found = {name: float((one.double() - tuned[name].double()).norm())
             for name, one in merged.state_dict().items()}
    print("FOUND" + json.dumps(found))
"""


@pytest.mark.long
@pytest.mark.skipif(importlib.util.find_spec("peft") is None, reason="peft is not installed")
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_peft_loads_and_merges_it(tmp_path, family):
    def ask():
        command = [sys.executable, "-c", PEFT, str(tmp_path), family]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ask()
    report = extract_lora(tmp_path / "base", tmp_path / "tuned", tmp_path / "lora", max_rank=5)
    merged = json.loads(ask().partition("FOUND")[2])
    assert report.left_out == ()
    assert len(report.modules) == (8 if family == "gpt2" else 12 * 7)
    assert {1, 3, 5} <= {one.rank for one in report.modules} <= {1, 2, 3, 4, 5}
    for one in report.modules:
        # Merging rounds the sum to float32 once more.
        assert merged.pop(one.module + ".weight") <= one.error * (1.0 + 1e-5) + 1e-5
    assert max(merged.values()) == 0.0
