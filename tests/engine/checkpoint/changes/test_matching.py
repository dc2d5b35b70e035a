"""Which matrix is which: fused tensors by hand, names, roles, vocabularies, tied outputs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.checkpoint import match, open_checkpoint, split_fused
from tests.engine.checkpoint.models import saved

RNG = np.random.default_rng(0)
D, SIZE = 24, 6
QKV = "transformer.h.0.self_attention.query_key_value.weight"


def model(folder, found, config=None):
    path = saved(folder, {name: np.ascontiguousarray(one) for name, one in found.items()})
    if config:
        (path / "config.json").write_text(json.dumps(config))
    return open_checkpoint(path)


def parts_of(found):
    (matrix,) = found.matrices
    return {one.role.role: found.read(one) for one in split_fused(matrix, found.config)}


def numbers(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def heads(count):
    return [numbers(SIZE, D) for _ in range(count)]


FUSED = {
    "phi3": (
        "model.layers.0.self_attn.qkv_proj.weight",
        {"model_type": "phi3", "num_attention_heads": 4, "num_key_value_heads": 2},
        lambda q, k, v: [*q, *k, *v],
        (4, 2),
    ),
    "gpt_neox": (
        "gpt_neox.layers.0.attention.query_key_value.weight",
        {"model_type": "gpt_neox", "num_attention_heads": 4},
        lambda q, k, v: [one for three in zip(q, k, v, strict=True) for one in three],
        (4, 4),
    ),
    "bloom": (
        QKV,
        {"model_type": "bloom", "n_head": 4},
        lambda q, k, v: [one for three in zip(q, k, v, strict=True) for one in three],
        (4, 4),
    ),
    "falcon-7b": (
        QKV,
        {"model_type": "falcon", "num_attention_heads": 4, "multi_query": True},
        lambda q, k, v: [*q, *k, *v],
        (4, 1),
    ),
    "falcon-40b": (
        QKV,
        {
            "model_type": "falcon",
            "num_attention_heads": 6,
            "num_kv_heads": 2,
            "new_decoder_architecture": True,
        },
        lambda q, k, v: [*q[:3], k[0], v[0], *q[3:], k[1], v[1]],
        (6, 2),
    ),
}


@pytest.mark.parametrize("family", FUSED)
def test_fused_attention_is_taken_apart_as_its_family_lays_it(tmp_path, family):
    name, config, lay, (count, groups) = FUSED[family]
    q, k, v = heads(count), heads(groups), heads(groups)
    found = parts_of(model(tmp_path, {name: np.vstack(lay(q, k, v))}, config))
    assert list(found) == ["q", "k", "v"]
    for role, truth in zip("qkv", (q, k, v), strict=True):
        np.testing.assert_array_equal(found[role], np.vstack(truth))


@pytest.mark.parametrize("config", [None, {"model_type": "gpt2", "n_head": 4}])
def test_gpt2_has_thirds_in_columns(tmp_path, config):
    q, k, v = (numbers(D, D) for _ in range(3))
    found = parts_of(model(tmp_path, {"h.0.attn.c_attn.weight": np.vstack([q, k, v]).T}, config))
    for role, truth in zip("qkv", (q, k, v), strict=True):
        np.testing.assert_array_equal(found[role], truth)


def test_gate_and_up_in_rows_in_stacks_either_way_and_up_first(tmp_path):
    gate, up = numbers(10, D), numbers(10, D)
    both = np.vstack([gate, up])
    found = parts_of(model(tmp_path / "a", {"layers.0.mlp.gate_up_proj.weight": both}))
    np.testing.assert_array_equal(found["gate"], gate)
    np.testing.assert_array_equal(found["up"], up)
    for stack in (both[None], both.T[None]):
        one = model(
            tmp_path / str(stack.shape[1]),
            {"model.layers.0.mlp.experts.gate_up_proj": stack},
            {"hidden_size": D},
        )
        np.testing.assert_array_equal(parts_of(one)["up"], up)
    name = "down_blocks.0.attentions.0.transformer_blocks.0.ff.net.0.proj.weight"
    np.testing.assert_array_equal(parts_of(model(tmp_path / "c", {name: both}))["gate"], up)


def test_what_nobody_can_take_apart_stays_whole(tmp_path):
    for number, (name, shape, config) in enumerate(
        (
            (QKV, (3 * D, D), None),
            ("layers.0.self_attn.qkv_proj.weight", (2 * D, D), None),
            ("layers.0.self_attn.qkv_proj.weight", (50, D), {"num_attention_heads": 4}),
            ("layers.0.self_attn.q_proj.weight", (D, D), {"num_attention_heads": 4}),
            ("layers.0.mlp.experts.gate_up_proj", (1, 8, D), {"model_type": "gpt_oss"}),
            ("layers.0.mlp.gate_up_proj.weight", (7, D), None),
        )
    ):
        found = model(tmp_path / str(number), {name: numbers(*shape)}, config)
        assert split_fused(found.matrices[0], found.config) == found.matrices[:1]


def test_wrappers_are_no_difference(tmp_path):
    found = {
        "model.layers.0.self_attn.q_proj.weight": numbers(4, 4),
        "model.layers.1.self_attn.q_proj.weight": numbers(4, 4),
        "model.layers.1.mlp.extra.weight": numbers(4, 4),
    }
    other = {f"module._orig_mod.{name}": one for name, one in found.items()}
    other["module._orig_mod.model.layers.1.other.weight"] = numbers(2, 2)
    other["module._orig_mod.model.layers.1.mlp.extra.weight"] = numbers(4, 5)
    pairs, alone = match(model(tmp_path / "a", found), model(tmp_path / "b", other))
    assert [pair.name for pair in pairs] == list(found)[:2]
    assert all(pair.tuned.name.endswith(pair.base.name) and not pair.note for pair in pairs)
    assert [name.rsplit(".", 2)[1] for name, _ in alone] == ["extra", "extra", "other"]
    assert "(4, 4) in the base and (4, 5)" in alone[0][1]
    assert alone[2][1] == "only in the tuned model"


def test_roles_join_names_of_two_libraries_and_fused_with_separate(tmp_path):
    q, k, v, up = numbers(24, D), numbers(12, D), numbers(12, D), numbers(9, D)
    config = {"model_type": "phi3", "num_attention_heads": 4, "num_key_value_heads": 2}
    fused = model(
        tmp_path / "a",
        {
            "model.layers.0.self_attn.qkv_proj.weight": np.vstack([q, k, v]),
            "model.layers.0.mlp.up_proj.weight": up,
        },
        config,
    )
    names = ("blk.0.attn_q", "blk.0.attn_k", "blk.0.attn_v", "blk.0.ffn_up")
    apart = model(
        tmp_path / "b",
        {f"{name}.weight": one for name, one in zip(names, (q, k, v, up), strict=True)},
    )
    for first, second in ((fused, apart), (apart, fused)):
        pairs, alone = match(first, second)
        assert alone == ()
        assert sorted(pair.base.role.role for pair in pairs) == ["k", "q", "up", "v"]
        for pair in pairs:
            np.testing.assert_array_equal(first.read(pair.base), second.read(pair.tuned))


def test_a_conv1d_stands_upright_beside_a_linear(tmp_path):
    up = numbers(16, 4)
    one = model(tmp_path / "a", {"h.0.mlp.c_fc.weight": up.T}, {"model_type": "gpt2"})
    other = model(tmp_path / "b", {"model.layers.0.mlp.up_proj.weight": up})
    ((pair,), alone) = match(one, other)
    assert alone == ()
    assert "orientation" in pair.note
    np.testing.assert_array_equal(one.read(pair.base), other.read(pair.tuned))


def test_vocabularies_share_their_first_rows_and_tied_outputs_are_lent(tmp_path):
    embed, head = numbers(30, 4), numbers(32, 4)
    base = model(tmp_path / "a", {"model.embed_tokens.weight": embed})
    tuned = model(tmp_path / "b", {"model.embed_tokens.weight": head, "lm_head.weight": head + 1.0})
    for first, second in ((base, tuned), (tuned, base)):
        pairs, alone = match(first, second)
        assert alone == ()
        assert [pair.base.shape for pair in pairs] == [(30, 4), (30, 4)]
        tied = next(pair for pair in pairs if pair.name == "lm_head.weight")
        assert all("first 30 rows" in pair.note for pair in pairs)
        assert tied.note.startswith("Tied")
        sides = first.read(tied.base), second.read(tied.tuned)
        ours = sides[1] if first is base else sides[0]
        np.testing.assert_array_equal(ours, (head + 1.0)[:30])


def test_what_could_be_two_is_neither(tmp_path):
    base = model(
        tmp_path / "a",
        {"a.layers.0.q_proj.weight": numbers(4, 4), "b.layers.0.q_proj.weight": numbers(4, 4)},
    )
    tuned = model(tmp_path / "b", {"c.layers.0.q_proj.weight": numbers(4, 4)})
    pairs, alone = match(base, tuned)
    assert pairs == ()
    assert "several matrices" in alone[0][1]
    assert alone[2] == ("c.layers.0.q_proj.weight", "only in the tuned model")
