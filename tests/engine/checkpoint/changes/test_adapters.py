"""Updates of LoRA files against their factors multiplied out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.checkpoint import adapter_factors
from engine.errors import FileError

RNG = np.random.default_rng(1)
A, B = RNG.standard_normal((4, 12)), RNG.standard_normal((10, 4))


def folder(path, config, tensors=None):
    path.mkdir(exist_ok=True)
    if tensors is None:
        stem = "base_model.model.model.layers.3.self_attn.q_proj"
        tensors = {f"{stem}.lora_A.weight": A, f"{stem}.lora_B.weight": B}
    save_file(tensors, path / "adapter_model.safetensors")
    if config is not None:
        text = config if isinstance(config, str) else json.dumps(config)
        (path / "adapter_config.json").write_text(text)
    return path


def formed(found):
    return (found.u * found.s) @ found.vh


@pytest.mark.parametrize(
    ("config", "scale"),
    [
        (None, 1.0),
        ({"r": 4, "lora_alpha": 16}, 4.0),
        ({"r": 4, "lora_alpha": 16, "use_rslora": True}, 8.0),
        ({"r": 4, "lora_alpha": 16, "alpha_pattern": {"q_proj": 2}}, 0.5),
        ({"r": 4, "lora_alpha": 16, "alpha_pattern": {"proj": 2}}, 4.0),
        ({"r": 4, "lora_alpha": 16, "alpha_pattern": {"k_proj": 1, ".*q_.roj": 2}}, 0.5),
        ({"r": 4, "lora_alpha": 16, "alpha_pattern": {"^self_attn.q_proj": 2}}, 4.0),
        (
            {
                "lora_alpha": 16,
                "use_rslora": True,
                "alpha_pattern": {"^model\\.layers\\.3\\.self_attn\\.q_proj": 3},
            },
            1.5,
        ),
    ],
)
def test_peft_scales_as_its_config_says(tmp_path, config, scale):
    path = folder(tmp_path / "lora", config)
    for place in (path, path / "adapter_model.safetensors"):
        ((name, found),) = adapter_factors(place).items()
        assert name == "model.layers.3.self_attn.q_proj"
        np.testing.assert_allclose(formed(found), scale * B @ A, atol=1e-12)
        assert found.rank == 4
        np.testing.assert_allclose(found.u.T @ found.u, np.eye(4), atol=1e-13)


def test_kohya_has_its_alpha_beside_each_module(tmp_path):
    kernel = RNG.standard_normal((4, 3, 2, 2)).astype(np.float32)
    tensors = {
        "lora_unet_down_blocks_0_attn1_to_q.lora_down.weight": A.astype(np.float16),
        "lora_unet_down_blocks_0_attn1_to_q.lora_up.weight": B.astype(np.float16),
        "lora_unet_down_blocks_0_attn1_to_q.alpha": np.array(2.0, np.float16),
        "lora_unet_conv_in.lora_down.weight": kernel,
        "lora_unet_conv_in.lora_up.weight": B.astype(np.float32).reshape(10, 4, 1, 1),
        "lora_unet_conv_in.alpha": np.array(1.0, np.float32),
    }
    save_file(tensors, tmp_path / "style.safetensors")
    found = adapter_factors(tmp_path / "style.safetensors")
    half = B.astype(np.float16).astype(float) @ A.astype(np.float16).astype(float)
    to_q = found["lora_unet_down_blocks_0_attn1_to_q"]
    np.testing.assert_allclose(formed(to_q), 0.5 * half, atol=1e-12)
    conv = 0.25 * B.astype(np.float32).astype(float) @ kernel.reshape(4, -1).astype(float)
    np.testing.assert_allclose(formed(found["lora_unet_conv_in"]), conv, atol=1e-12)


def test_stacks_zero_factors_and_dora(tmp_path):
    tensors = {
        "base_model.model.experts.lora_A.weight": RNG.standard_normal((3, 2, 6)),
        "base_model.model.experts.lora_B.weight": RNG.standard_normal((3, 5, 2)),
        "base_model.model.o_proj.lora_A.weight": A,
        "base_model.model.o_proj.lora_B.weight": np.zeros((10, 4)),
        "base_model.model.o_proj.lora_magnitude_vector": np.ones(10),
    }
    found = adapter_factors(folder(tmp_path / "lora", {"lora_alpha": 2}, tensors))
    a, b = (tensors[f"base_model.model.experts.lora_{side}.weight"] for side in "AB")
    for one in range(3):
        np.testing.assert_allclose(formed(found[f"experts[{one}]"]), b[one] @ a[one], atol=1e-12)
    assert not found["o_proj"].s.any()
    assert "DoRA" in found["o_proj"].note


def test_nothing_is_multiplied_out(tmp_path):
    """The product would have 4e10 numbers, 320 GB."""
    size = 200_000
    a, b = np.ones((1, size), np.float32), np.ones((size, 1), np.float32)
    tensors = {"q.lora_A.weight": a, "q.lora_B.weight": b}
    found = adapter_factors(folder(tmp_path / "lora", {"lora_alpha": 3}, tensors))
    assert found["q"].s == pytest.approx([3.0 * size], rel=1e-12)


@pytest.mark.parametrize(
    "config",
    [
        "[1]",
        "{",
        {"peft_type": "LOHA"},
        {"lora_alpha": "many"},
        {"lora_alpha": math.inf},
        {"lora_alpha": True},
        {"alpha_pattern": ["q"]},
        {"alpha_pattern": {"(": 1}},
        {"alpha_pattern": {"(a+)+": 1}},
        {"alpha_pattern": {".*.*.*x": 1}},
        {"alpha_pattern": {"q" * 2000: 1}},
        {"alpha_pattern": {"q_proj": None}},
        '{"r": 4, "lora_alpha": 8, "r": 8}',
    ],
)
def test_a_config_that_makes_no_scale_is_refused_in_a_sentence(tmp_path, config):
    with pytest.raises(FileError, match=r"adapter_config\.json"):
        adapter_factors(folder(tmp_path / "lora", config))


def test_a_model_is_no_adapter(tmp_path):
    save_file({"h.0.q_proj.weight": A}, tmp_path / "model.safetensors")
    with pytest.raises(FileError, match="no pairs"):
        adapter_factors(tmp_path / "model.safetensors")
