"""Checkpoints in shards: the index is opened, and the files it names are read beside it."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import FileError
from engine.files import open_matrix_file
from tests.engine.files.torch_files import tensor, torch_bytes

ONE, TWO = np.arange(12, dtype="f4").reshape(3, 4), np.ones((4, 2), "f4")
NAMES = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.fixture
def index(tmp_path):
    save_file({"layers.0.w": ONE, "q.weight": ONE.astype("i1")}, tmp_path / NAMES[0])
    save_file({"layers.1.w": TWO, "q.weight_scale": TWO[:1, :1] * 0.5}, tmp_path / NAMES[1])
    return write_index(
        tmp_path,
        {
            **dict.fromkeys(("layers.0.w", "q.weight"), NAMES[0]),
            **dict.fromkeys(("layers.1.w", "q.weight_scale"), NAMES[1]),
        },
    )


def write_index(folder, places, name="model.safetensors.index.json"):
    path = folder / name
    path.write_text(json.dumps({"metadata": {"total_size": 80}, "weight_map": places}))
    return path


def test_an_index_lists_the_tensors_of_all_shards(index):
    source = open_matrix_file(index)
    assert source.format.key == "safetensors"
    names = [entry.name for entry in source.entries]
    assert names == ["layers.0.w", "layers.1.w", "q.weight", "q.weight_scale"]
    np.testing.assert_array_equal(source.read("layers.0.w"), ONE)
    np.testing.assert_array_equal(source.read("layers.1.w", rows=1), TWO[1])


def test_a_tensor_that_is_named_twice_is_said(index):
    index.write_text(index.read_text().replace('"q.weight":', '"layers.0.w": "x", "q.weight":'))
    with pytest.raises(FileError, match=r"the name 'layers\.0\.w' occurs twice in it"):
        open_matrix_file(index)


def test_a_scale_in_another_shard_is_found(index):
    np.testing.assert_array_equal(open_matrix_file(index).read("q.weight"), ONE * 0.5)


def test_an_index_of_files_of_torch(tmp_path):
    (tmp_path / "pytorch_model-1.bin").write_bytes(torch_bytes({"a": tensor(ONE)}))
    (tmp_path / "pytorch_model-2.bin").write_bytes(torch_bytes({"b": tensor(TWO)}))
    places = {"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"}
    source = open_matrix_file(write_index(tmp_path, places, "pytorch_model.bin.index.json"))
    np.testing.assert_array_equal(source.read("a"), ONE)
    np.testing.assert_array_equal(source.read("b"), TWO)


def test_a_shard_that_is_missing_leaves_out_its_own_tensors(index):
    os.remove(index.with_name(NAMES[1]))
    source = open_matrix_file(index)
    np.testing.assert_array_equal(source.read("layers.0.w"), ONE)
    assert not source.entry("layers.1.w").readable
    assert "there is no such file" in source.entry("layers.1.w").note
    assert NAMES[1] in source.notes[0]


def test_a_shard_that_is_a_pointer_is_named_as_one(index):
    index.with_name(NAMES[1]).write_text("version https://git-lfs.github.com/spec/v1\nsize 9\n")
    assert "Git LFS pointer" in open_matrix_file(index).entry("layers.1.w").note


def test_a_tensor_that_its_shard_lacks_is_listed_with_the_reason(tmp_path, index):
    source = open_matrix_file(write_index(tmp_path, {"a": NAMES[0], "layers.0.w": NAMES[0]}))
    assert "does not hold it" in source.entry("a").note


def test_no_shard_at_all_is_a_sentence(index):
    for name in NAMES:
        os.remove(index.with_name(name))
    with pytest.raises(FileError, match=r"model-00001-of.*there is no such file"):
        open_matrix_file(index)


@pytest.mark.parametrize("name", NAMES)
def test_a_shard_that_changes_is_noticed(index, name):
    source = open_matrix_file(index)
    again = pickle.loads(pickle.dumps(source))
    os.utime(index.with_name(name), ns=(1, 1))
    for one in (source, again):
        with pytest.raises(FileError, match=f"{name}: the file changed since it was opened"):
            one.read("layers.0.w")


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "..", "", 3, "a/b"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    with pytest.raises(FileError, match="Shards lie beside their index"):
        open_matrix_file(write_index(tmp_path, {"a": name}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "it is no JSON"),
        ("[true, null]", "no index of a checkpoint"),
        ('{"weight_map": {}}', "no index of a checkpoint"),
        ("[" * 100_000, "it is no JSON"),
    ],
)
def test_other_json_is_refused_with_a_sentence(write, content, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write("config.json", content))
