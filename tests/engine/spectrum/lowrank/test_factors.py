"""Saved factors multiply back to the approximation; nothing is lost or half-written."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import pytest
import safetensors
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, FileError
from engine.spectrum import save_factors


def lowrank(dtype="float32", scale=1.0):
    u, s, vh = np.linalg.svd(np.random.default_rng(0).normal(size=(9, 6)), full_matrices=False)
    s = s * scale
    return SimpleNamespace(u=u[:, :3].astype(dtype), s=s[:3].astype(dtype), vh=vh[:3].astype(dtype))


def product(f):
    return (f.u * f.s) @ f.vh


@pytest.mark.parametrize("dtype", [None, "float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("form", "naming", "names"),
    [
        ("usv", "plain", ["u", "s", "vh"]),
        ("ab", "plain", ["a", "b"]),
        ("ab", "lora", ["lora_up.weight", "lora_down.weight", "alpha"]),
    ],
)
def test_npz_multiplies_back(tmp_path, form, naming, names, dtype):
    f = lowrank()
    path = save_factors(tmp_path / "f.npz", f, form=form, naming=naming, dtype=dtype)
    with np.load(path, allow_pickle=False) as stored:
        parts = [stored[name] for name in names]
        assert sorted(stored) == sorted(names)
    assert all(p.dtype == (dtype or "float32") for p in parts)
    back = (parts[0] * parts[1]) @ parts[2] if form == "usv" else parts[0] @ parts[1]
    assert_allclose(back, product(f), atol=5e-3 if dtype == "float16" else 1e-6)
    if naming == "lora":
        assert parts[2].shape == ()
        assert float(parts[2]) == 3.0
        assert parts[0].shape == (9, 3)
        assert parts[1].shape == (3, 6)


def test_two_factors_have_equal_norms(tmp_path):
    path = save_factors(tmp_path / "f.npz", lowrank("float64"), form="ab")
    with np.load(path) as stored:
        assert_allclose(np.linalg.norm(stored["a"]), np.linalg.norm(stored["b"]), rtol=1e-12)


def test_metadata_is_kept_as_text(tmp_path):
    notes = {"rule": "energy", "error": 0.25, "hash": "ab12", "shape": [9, 6]}
    path = save_factors(tmp_path / "f.npz", lowrank(), metadata=notes)
    with np.load(path, allow_pickle=False) as stored:
        back = json.loads(str(stored["metadata"]))
    assert back["rule"] == "energy"
    assert json.loads(back["shape"]) == [9, 6]
    assert float(back["error"]) == 0.25


def test_an_existing_file_is_only_replaced_on_request(tmp_path):
    path = tmp_path / "f.npz"
    path.write_bytes(b"precious")
    with pytest.raises(FileError, match="exists"):
        save_factors(path, lowrank())
    assert path.read_bytes() == b"precious"
    save_factors(path, lowrank(), overwrite=True)
    assert np.load(path)["s"].size == 3


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "f.npz"
    path.write_bytes(b"precious")

    def broken(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", broken)
    with pytest.raises(FileError, match="No space left"):
        save_factors(path, lowrank(), overwrite=True)
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["f.npz"]


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "f.npz"
    original = np.savez

    def slow(stream, **entries):
        original(stream, **entries)
        path.write_bytes(b"someone else's")

    monkeypatch.setattr(np, "savez", slow)
    with pytest.raises(FileError, match="exists"):
        save_factors(path, lowrank())
    assert path.read_bytes() == b"someone else's"
    assert os.listdir(tmp_path) == ["f.npz"]


@pytest.mark.skipif(os.name != "posix", reason="file rights of POSIX")
def test_the_file_has_the_rights_of_any_new_file(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    path = save_factors(tmp_path / "f.npz", lowrank())
    assert path.stat().st_mode == plain.stat().st_mode


def test_missing_folders_suffixes_and_overflow_are_explained(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        save_factors(tmp_path / "none" / "f.npz", lowrank())
    with pytest.raises(FileError, match=r"\.npz or \.safetensors"):
        save_factors(tmp_path / "f.txt", lowrank())
    with pytest.raises(FileError, match="float16 cannot hold"):
        save_factors(tmp_path / "f.npz", lowrank("float64", 1e30), dtype="float16")
    with pytest.raises(ArgumentError, match="form"):
        save_factors(tmp_path / "f.npz", lowrank(), form="xyz")
    with pytest.raises(ArgumentError, match="naming"):
        save_factors(tmp_path / "f.npz", lowrank(), naming="lora")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("dtype", ["int8", "bool", "float33", object, "U3"])
def test_types_that_hold_no_factors_are_refused(tmp_path, dtype):
    with pytest.raises(ArgumentError, match="dtype"):
        save_factors(tmp_path / "f.npz", lowrank(), dtype=dtype)
    assert os.listdir(tmp_path) == []


def test_factors_that_would_all_become_zero_are_not_written(tmp_path):
    with pytest.raises(FileError, match="all are 0 in float32"):
        save_factors(tmp_path / "f.npz", lowrank("float64", 1e-100), dtype="float32")


def test_bfloat16_is_kept_by_safetensors_and_widened_by_npz(tmp_path):
    bfloat16 = ml_dtypes.bfloat16
    f = lowrank()
    path = save_factors(tmp_path / "f.safetensors", f, form="ab", dtype="bfloat16")
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    assert (header["a"]["dtype"], header["b"]["dtype"]) == ("BF16", "BF16")

    def tensor(name):
        start, stop = header[name]["data_offsets"]
        data = np.frombuffer(whole[8 + length + start : 8 + length + stop], bfloat16)
        return data.reshape(header[name]["shape"]).astype(float)

    assert_allclose(tensor("a") @ tensor("b"), product(f), atol=0.05)
    with np.load(save_factors(tmp_path / "f.npz", f, form="ab", dtype="bfloat16")) as stored:
        assert stored["a"].dtype == np.float32
        np.testing.assert_array_equal(stored["a"], tensor("a"))
        assert json.loads(str(stored["metadata"])) == {"dtype": "bfloat16"}


def test_complex_factors_keep_their_type(tmp_path):
    a = np.random.default_rng(1).normal(size=(4, 3)) * (1 + 2j)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    f = SimpleNamespace(u=u, s=s, vh=vh)
    with np.load(save_factors(tmp_path / "f.npz", f, form="ab")) as stored:
        assert_allclose(stored["a"] @ stored["b"], a, atol=1e-12)
    with pytest.raises(FileError, match="complex"):
        save_factors(tmp_path / "g.npz", f, dtype="float64")


def test_without_the_safetensors_package_the_message_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(FileError, match="pip install safetensors"):
        save_factors(tmp_path / "f.safetensors", lowrank())


@pytest.mark.parametrize("naming", ["plain", "lora"])
def test_safetensors_multiplies_back_and_carries_metadata(tmp_path, naming):
    path = tmp_path / "f.safetensors"
    save_factors(path, lowrank(), form="ab", naming=naming, metadata={"rule": "energy", "r": 3})
    with safetensors.safe_open(path, framework="np") as stored:
        names = ["a", "b"] if naming == "plain" else ["lora_up.weight", "lora_down.weight"]
        back = stored.get_tensor(names[0]) @ stored.get_tensor(names[1])
        assert stored.metadata() == {"rule": "energy", "r": "3"}
    assert_allclose(back, product(lowrank()), atol=1e-6)
