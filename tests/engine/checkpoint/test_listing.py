"""A model is listed: which tensors are matrices, how they are read, and what bad folders say."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.checkpoint import open_checkpoint
from engine.errors import ArgumentError, FileError
from engine.sentences import Sentence
from tests.engine.checkpoint.models import saved, sharded, tensors

RNG = np.random.default_rng(3)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.fixture
def mixed(tmp_path):
    found = {
        "model.layers.10.self_attn.q_proj.weight": numbers(8, 6),
        "model.layers.2.self_attn.q_proj.weight": numbers(8, 6),
        "model.layers.2.self_attn.q_proj.bias": numbers(8),
        "model.layers.2.mlp.experts.gate_up_proj": numbers(3, 4, 6),
        "conv1.weight": numbers(4, 3, 2, 2),
        "patch_embed.proj.weight": numbers(5, 3, 1, 1),
        "pos_embed": numbers(1, 5, 6),
        "cls_token": numbers(1, 1, 6),
        "h.0.attn.bias": numbers(1, 1, 6, 6),
        "layer.q.lora_A.weight": numbers(2, 6),
        "layer.q.lora_B.weight": numbers(5, 2),
        "position_ids": np.arange(6).reshape(2, 3),
        "mlp.qweight": np.arange(6, dtype=np.int32).reshape(2, 3),
        "mlp.scales": numbers(2, 3),
    }
    return saved(tmp_path / "mixed", found), found


def test_every_tensor_is_a_matrix_or_is_skipped_with_a_reason(mixed):
    folder, found = mixed
    opened = open_checkpoint(folder)
    assert [one.name for one in opened.matrices] == [
        "conv1.weight",
        "layer.q B@A",
        *(f"model.layers.2.mlp.experts.gate_up_proj[{e}]" for e in range(3)),
        "model.layers.2.self_attn.q_proj.weight",
        "model.layers.10.self_attn.q_proj.weight",
        "patch_embed.proj.weight",
        "pos_embed",
    ]
    left = {one.name: one.reason for one in opened.skipped}
    assert {one.entry for one in opened.matrices} | set(left) == {*found, "layer.q B@A"}
    assert all(isinstance(reason, Sentence) and reason for reason in left.values())
    assert "Packed codes" in left["mlp.qweight"]
    assert "codes of" in left["mlp.scales"]
    assert left["layer.q.lora_A.weight"] == "A factor of 'layer.q B@A'."


def test_what_is_read_is_what_a_plain_reader_gives(mixed):
    folder, found = mixed
    opened = open_checkpoint(str(folder))
    for one in opened.matrices:
        array = opened.read(one)
        assert array.shape == one.shape
        assert array.dtype.name == one.dtype
        if "B@A" in one.name:
            left, right = found["layer.q.lora_B.weight"], found["layer.q.lora_A.weight"]
            np.testing.assert_allclose(array, left.astype("f8") @ right, rtol=1e-12)
        elif one.role.expert is not None:
            np.testing.assert_array_equal(array, found[one.entry][one.role.expert])
        else:
            np.testing.assert_array_equal(array, found[one.entry].reshape(one.shape))


def test_a_kernel_is_one_matrix_or_its_slices(mixed):
    folder, found = mixed
    opened = open_checkpoint(folder, conv="slices")
    slices = [one for one in opened.matrices if one.entry == "conv1.weight"]
    assert [one.index for one in slices] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for one in slices:
        np.testing.assert_array_equal(opened.read(one), found["conv1.weight"][(..., *one.index)])
    with pytest.raises(ArgumentError, match="conv"):
        open_checkpoint(folder, conv="both")


def test_steps_after_reading(mixed):
    folder, found = mixed
    opened = open_checkpoint(folder)
    whole = opened.matrix("model.layers.2.self_attn.q_proj.weight")
    kept = found[whole.entry]
    parts = whole.transformed(("rows", (0, 2), (4, 5)), ("transpose",))
    assert parts.shape == (6, 3)
    np.testing.assert_array_equal(opened.read(parts), kept[[0, 1, 4]].T)
    one = whole.transformed(("rows", (2, 5)))
    np.testing.assert_array_equal(opened.read(one), kept[2:5])
    assert pickle.loads(pickle.dumps(parts)) == parts


def test_scales_of_blocks_are_multiplied_out(tmp_path):
    codes = numbers(200, 130).astype(ml_dtypes.float8_e4m3fn)
    scale = np.abs(numbers(2, 2)) + 0.1
    header = {}
    data = b""
    for name, kind, array in (
        ("q_proj.weight", "F8_E4M3", codes),
        ("q_proj.weight_scale_inv", "F32", scale),
    ):
        raw = array.tobytes()
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets}
        data += raw
    text = json.dumps(header).encode()
    file = tmp_path / "model.safetensors"
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    opened = open_checkpoint(tmp_path)
    (matrix,) = opened.matrices
    factors = np.kron(scale, np.ones((128, 128)))[:200, :130]
    np.testing.assert_allclose(
        opened.read(matrix), codes.astype("f8") * factors, rtol=1e-6, atol=1e-30
    )
    assert [one.name for one in opened.skipped] == ["q_proj.weight_scale_inv"]


def test_a_folder_its_index_and_its_shards_are_one_model(tmp_path):
    folder = sharded(tmp_path / "shards", tensors())
    for path in (folder, folder / "model.safetensors.index.json"):
        opened = open_checkpoint(path)
        assert len(opened.matrices) == 4
        assert {Path(file).suffix for one in opened.matrices for file in one.files} == {
            ".safetensors"
        }
        for one in opened.matrices:
            np.testing.assert_array_equal(opened.read(one), tensors()[one.entry])


def test_the_index_decides_then_the_usual_name(tmp_path):
    folder = saved(sharded(tmp_path / "both", tensors()), {"other": numbers(2, 2)})
    save_file({"third": numbers(2, 2)}, folder / "consolidated.safetensors")
    assert open_checkpoint(folder).path.endswith(".index.json")
    (folder / "model.safetensors.index.json").unlink()
    assert [one.name for one in open_checkpoint(folder).matrices] == ["other"]


def test_a_config_says_how_a_square_weight_lies(tmp_path):
    found = {"h.0.attn.c_proj.weight": numbers(6, 6)}
    folder = saved(tmp_path / "a", found)
    (folder / "config.json").write_text('{"model_type": "gpt_bigcode"}')
    assert open_checkpoint(folder).matrices[0].role.orientation == "out_in"
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    assert open_checkpoint(folder).matrices[0].role.orientation == "in_out"


def _index(folder: Path, text: str) -> None:
    (folder / "model.safetensors.index.json").write_text(text)


def _weights(header: bytes, data: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + data


HOSTILE = {
    "empty folder": lambda d: None,
    "only text": lambda d: (d / "README.md").write_text("no weights"),
    "up and out": lambda d: _index(d, '{"weight_map": {"a": "../secret.safetensors"}}'),
    "absolute": lambda d: _index(d, '{"weight_map": {"a": "/etc/passwd"}}'),
    "no JSON": lambda d: _index(d, "{" * 1000),
    "deep JSON": lambda d: _index(d, "[" * 100_000),
    "no map": lambda d: _index(d, '{"weights": 3}'),
    "numbers for an index": lambda d: _index(d, "[[1, 2], [3, 4]]"),
    "map of numbers": lambda d: _index(d, '{"weight_map": {"a": 3}}'),
    "shards gone": lambda d: _index(d, '{"weight_map": {"a": "gone.safetensors"}}'),
    "link loop": lambda d: (d / "model.safetensors").symlink_to(d / "model.safetensors"),
    "shard is a loop": lambda d: (
        (d / "a.safetensors").symlink_to(d / "a.safetensors"),
        _index(d, '{"weight_map": {"a": "a.safetensors"}}'),
    ),
    "header of exabytes": lambda d: (d / "model.safetensors").write_bytes(
        (1 << 60).to_bytes(8, "little") + b"{}"
    ),
    "shape of exabytes": lambda d: (d / "model.safetensors").write_bytes(
        _weights(
            b'{"a":{"dtype":"F32","shape":[1000000000,1000000000],'
            b'"data_offsets":[0,4000000000000000000]}}'
        )
    ),
    "shape that is not": lambda d: (d / "model.safetensors").write_bytes(
        _weights(b'{"a":{"dtype":"F32","shape":[-1,"x"],"data_offsets":[0,4]}}', bytes(4))
    ),
    "cut short": lambda d: (
        saved(d),
        (d / "model.safetensors").write_bytes((d / "model.safetensors").read_bytes()[:-9]),
    ),
    "a plain pickle": lambda d: (d / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1})),
    "a pointer": lambda d: (d / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + 64 * "0" + "\nsize 9\n"
    ),
    "two models": lambda d: (
        save_file(tensors(), d / "a.safetensors"),
        save_file(tensors(), d / "b.safetensors"),
    ),
    "shards without an index": lambda d: (
        save_file(tensors(), d / "model-00001-of-00002.safetensors"),
        save_file(tensors(), d / "model-00002-of-00002.safetensors"),
    ),
    "weights further in": lambda d: saved(d / "unet"),
    "a folder as a file": lambda d: (d / "model.safetensors").mkdir(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_a_sentence(name, tmp_path):
    HOSTILE[name](tmp_path)
    begun = time.process_time()
    with pytest.raises(FileError) as caught:
        open_checkpoint(tmp_path)
    assert isinstance(caught.value.sentence, Sentence)
    assert str(tmp_path) in str(caught.value)
    assert time.process_time() - begun < 10.0


def test_no_folder_at_all_is_a_sentence(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        open_checkpoint(tmp_path / "none")


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000, " " * (1 << 21)])
def test_a_bad_config_is_left_out_with_a_note(text, tmp_path):
    folder = saved(tmp_path / "a")
    (folder / "config.json").write_text(text)
    opened = open_checkpoint(folder)
    assert len(opened.matrices) == 4
    assert dict(opened.config) == {}
    assert any("config.json is left out" in note for note in opened.notes)


def test_a_shard_that_is_gone_leaves_out_its_own(tmp_path):
    folder = sharded(tmp_path / "a", tensors())
    (folder / "model-00002-of-00002.safetensors").unlink()
    opened = open_checkpoint(folder)
    assert len(opened.matrices) + len(opened.skipped) == len(tensors())
    assert any("00002-of-00002" in one.reason for one in opened.skipped)
    assert opened.notes


@pytest.mark.parametrize(
    ("name", "expert"),
    [
        ("model.layers.0.mlp.experts.down_proj", 2),
        ("blk.0.ffn_up_exps.weight", 2),
        ("model.layers.0.block_sparse_moe.input_linear.weight", 2),
        ("model.layers.0.temporal_block.rg_lru.input_gate_weight", None),
    ],
)
def test_every_matrix_of_a_stack_is_its_own_and_experts_have_a_number(name, expert, tmp_path):
    stack = np.arange(36.0, dtype="f4").reshape(3, 4, 3)
    opened = open_checkpoint(saved(tmp_path / "a", {name: stack}))
    assert [one.shape for one in opened.matrices] == [(4, 3)] * 3
    assert opened.matrices[2].role.expert == expert
    assert np.array_equal(opened.read(opened.matrices[2]), stack[2])


def test_a_stack_of_a_million_is_not_taken_apart(tmp_path):
    opened = open_checkpoint(saved(tmp_path / "a", {"w": np.zeros((10_000, 2, 2), "f4")}))
    assert opened.matrices == ()
    assert "a stack of 10,000 matrices" in opened.skipped[0].reason


def test_many_tensors_are_listed_quickly(tmp_path):
    names = [
        f"model.layers.{i}.mlp.experts.{e}.up_proj.weight" for i in range(40) for e in range(50)
    ]
    folder = saved(tmp_path / "a", dict.fromkeys(names, np.ones((1, 2), "f4")))
    begun = time.process_time()
    opened = open_checkpoint(folder)
    assert time.process_time() - begun < 2.0  # a tenth of a second where nothing else runs
    assert opened.matrices[11].role.layer == 0
    assert opened.matrices[-1].role.expert == 49
