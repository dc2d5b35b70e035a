"""Where q and k lie in files as the libraries write them, cut into heads by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.checkpoint import HeadsUnknown, attention_layers, head_blocks, read_config
from engine.errors import ArgumentError, FileError

D = 24


def only(shapes, config=None):
    (layer,) = attention_layers(shapes, config)
    return layer


def test_separate_q_and_k_with_groups():
    shapes = {
        "model.layers.0.self_attn.k_proj.weight": (12, D),
        "model.layers.0.self_attn.q_proj.weight": (24, D),
        "model.layers.0.self_attn.v_proj.weight": (12, D),
        "model.layers.1.self_attn.q_proj.weight": (24, D),
    }
    layer = only(shapes)
    assert (layer.q, layer.k) == tuple(
        f"model.layers.0.self_attn.{side}_proj.weight" for side in "qk"
    )
    cut = head_blocks(layer, {"num_attention_heads": 4, "rope_theta": 5e5})
    assert (cut.size, cut.q, cut.k, cut.groups) == (6, (0, 1, 2, 3), (0, 0, 1, 1), 2)
    assert cut.theta == 5e5


def test_gpt2_has_its_heads_in_columns():
    layer = only({"h.0.attn.c_attn.weight": (D, 3 * D), "h.0.attn.c_attn.bias": (3 * D,)})
    assert (layer.orientation, layer.fused) == ("in_out", True)
    cut = head_blocks(layer, {"n_head": 3, "model_type": "gpt2"})
    assert (cut.size, cut.q, cut.k) == (8, (0, 1, 2), (3, 4, 5))
    assert cut.theta is None


def test_neox_interleaves_by_head():
    name = "gpt_neox.layers.0.attention.query_key_value.weight"
    for config in ({"num_attention_heads": 3, "model_type": "gpt_neox"}, {"n_head": 3}):
        cut = head_blocks(only({name: (3 * D, D)}), config)
        assert (cut.size, cut.q, cut.k) == (8, (0, 3, 6), (1, 4, 7))


def test_falcon_groups_and_phi3_joins():
    name = "transformer.h.0.self_attention.query_key_value.weight"
    config = {"model_type": "falcon", "num_attention_heads": 4, "num_kv_heads": 2}
    cut = head_blocks(only({name: (8 * 6, D)}), config)
    assert (cut.size, cut.q, cut.k) == (6, (0, 1, 4, 5), (2, 2, 6, 6))
    name = "model.layers.0.self_attn.qkv_proj.weight"
    config = {"model_type": "phi3", "num_attention_heads": 4, "num_key_value_heads": 2}
    cut = head_blocks(only({name: (8 * 6, D)}), config)
    assert (cut.q, cut.k) == ((0, 1, 2, 3), (4, 4, 5, 5))


def test_towers_have_their_own_heads():
    shapes = {
        "model.encoder.layers.0.self_attn.q_proj.weight": (D, D),
        "model.encoder.layers.0.self_attn.k_proj.weight": (D, D),
        "model.decoder.layers.0.encoder_attn.q_proj.weight": (D, D),
        "model.decoder.layers.0.encoder_attn.k_proj.weight": (D, D),
        "model.decoder.layers.0.self_attn.q_proj.weight": (D, D),
        "model.decoder.layers.0.self_attn.k_proj.weight": (D, D),
    }
    layers = attention_layers(shapes)
    assert [one.stack for one in layers] == ["encoder", "decoder", "decoder"]
    config = {"encoder_attention_heads": 2, "decoder_attention_heads": 4}
    assert [head_blocks(one, config).size for one in layers] == [12, 6, 6]
    vision = only({
        "vision_model.encoder.layers.0.self_attn.q_proj.weight": (D, D),
        "vision_model.encoder.layers.0.self_attn.k_proj.weight": (D, D),
    })  # fmt: skip
    both = {"num_attention_heads": 2, "vision_config": {"num_attention_heads": 6}}
    assert head_blocks(vision, both).size == 4


def test_heads_are_asked_for_where_nobody_says_them():
    layer = only({"layers.0.attention.wq.weight": (D, D), "layers.0.attention.wk.weight": (12, D)})
    with pytest.raises(HeadsUnknown) as caught:
        head_blocks(layer)
    assert caught.value.argument == "heads"
    assert head_blocks(layer, heads=4).k == (0, 0, 1, 1)
    assert head_blocks(layer, {"num_attention_heads": 2}, heads=4).size == 6


@pytest.mark.parametrize("heads", [5, 7, 48, 1000])
def test_heads_that_do_not_cut_evenly_are_refused(heads):
    layer = only({"layers.0.attention.wq.weight": (D, D), "layers.0.attention.wk.weight": (12, D)})
    with pytest.raises(ArgumentError, match="equal heads"):
        head_blocks(layer, heads=heads)


@pytest.mark.parametrize("bad", [None, "8", True, 0, -4, 8.0, [8], 10**30])
def test_a_strange_config_says_nothing(bad):
    layer = only({"layers.0.attention.wq.weight": (D, D), "layers.0.attention.wk.weight": (D, D)})
    with pytest.raises(HeadsUnknown):
        head_blocks(layer, {"num_attention_heads": bad, "rope_theta": bad})


def test_adapters_vectors_and_halves_are_no_layers():
    assert attention_layers({
        "base_model.model.layers.0.self_attn.q_proj.lora_A.weight": (4, D),
        "base_model.model.layers.0.self_attn.k_proj.lora_A.weight": (4, D),
        "model.layers.0.self_attn.q_proj.bias": (D,),
        "model.layers.1.self_attn.q_proj.weight": (D, D),
        "model.layers.2.self_attn.k_proj.weight": (D, D),
    }) == ()  # fmt: skip


def test_the_config_beside_a_file(tmp_path):
    path = str(tmp_path / "model.safetensors")
    assert read_config(path) == {}
    place = tmp_path / "config.json"
    place.write_text(json.dumps({"n_head": 3}))
    assert read_config(path) == read_config(str(tmp_path)) == {"n_head": 3}
    for text in ("[1]", "{", "[" * 100_000, "\0", '{"a": ' * 5000):
        place.write_text(text)
        with pytest.raises(FileError, match="no JSON"):
            read_config(path)
    place.write_text('{"n_head": 3, "n_head": 4}')
    with pytest.raises(FileError, match="the name 'n_head' occurs twice in it"):
        read_config(path)
    place.write_bytes(b" " * (1 << 20) + b"{}")
    with pytest.raises(FileError, match="1 MB"):
        read_config(path)
    place.unlink()
    place.mkdir()
    assert read_config(path) == {}


def test_blocks_are_the_heads_of_the_computation():
    """Scores of one head from the cut weights are those of a fused layer run as GPT-2 does."""
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=(D, 3 * D)), rng.normal(size=(5, D))
    layer = only({"h.0.attn.c_attn.weight": w.shape})
    cut = head_blocks(layer, {"n_head": 3})
    q, k, _ = np.split(x @ w, 3, axis=1)
    for head in range(3):
        part = slice(head * 8, head * 8 + 8)
        wq, wk = (w.T.reshape(-1, 8, D)[one[head]] for one in (cut.q, cut.k))
        np.testing.assert_allclose((x @ wq.T) @ (x @ wk.T).T, q[:, part] @ k[:, part].T, rtol=1e-9)
