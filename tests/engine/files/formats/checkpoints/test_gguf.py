"""GGUF files against the package gguf, which wrote them."""

from __future__ import annotations

import importlib
import tracemalloc

import gguf
import ml_dtypes
import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.formats import gguf as reader
from engine.files.reading import mapped

RNG = np.random.default_rng(3)
Q = gguf.GGMLQuantizationType
WEIGHT = RNG.normal(size=(6, 256)).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    def _written(tensors, order=gguf.GGUFEndian.LITTLE):
        path = tmp_path / "m.gguf"
        writer = gguf.GGUFWriter(path, "llama", endianess=order)
        writer.add_array("tokenizer.ggml.tokens", ["a", "b"])
        for name, (array, kind) in tensors.items():
            writer.add_tensor(name, array, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return _written


@pytest.mark.parametrize("dtype", ["f4", "f2", "f8", "i1", "i2", "i4", "i8"])
def test_gguf_plain_tensors_are_as_they_were_written(written, dtype):
    array = (WEIGHT[:, :8] * 10).astype(dtype)
    source = open_matrix_file(written({"blk.0.w": (array, None), "blk.0.b": (array[0], None)}))
    assert [entry.name for entry in source.entries] == ["blk.0.b", "blk.0.w"]
    got = source.read("blk.0.w")
    assert (got.dtype, source.entry("blk.0.w").shape) == (array.dtype, (6, 8))
    np.testing.assert_array_equal(got, array)
    np.testing.assert_array_equal(source.read("blk.0.w", rows=2, cols=slice(1, 3)), array[2, 1:3])


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0"])
def test_gguf_codes_are_multiplied_out(written, kind):
    codes = gguf.quantize(WEIGHT, Q[kind])
    source = open_matrix_file(written({"w": (codes, Q[kind])}))
    entry, got = source.entry("w"), source.read("w")
    expected = gguf.dequantize(codes, Q[kind])
    assert (entry.shape, entry.dtype, got.dtype) == ((6, 256), np.float32, np.float32)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(source.read("w", rows=slice(4, 1, -1), cols=7), got[4:1:-1, 7])
    np.testing.assert_array_equal(source.read("w", rows=3), expected[3])
    assert f"Quantised: {kind} codes" in entry.notes[0]


@pytest.mark.parametrize("kind", ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "IQ2_XXS"])
def test_gguf_codes_that_the_package_only_reads(written, kind):
    _, size = gguf.GGML_QUANT_SIZES[Q[kind]]
    codes = RNG.integers(0, 100, (6, size), np.uint8)
    source = open_matrix_file(written({"w": (codes, Q[kind])}))
    np.testing.assert_array_equal(source.read("w"), gguf.dequantize(codes, Q[kind]))


def test_gguf_bfloat16_stays_what_it_is(written):
    short = WEIGHT.astype(ml_dtypes.bfloat16)
    source = open_matrix_file(written({"w": (short.view(np.uint8), Q.BF16)}))
    got = source.read("w")
    assert got.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(got.astype("f4"), short.astype("f4"))


def test_gguf_of_the_other_order_of_bytes(written):
    path = written({"w": (WEIGHT[:, :8].copy(), None)}, gguf.GGUFEndian.BIG)
    source = open_matrix_file(path)
    np.testing.assert_array_equal(source.read("w"), WEIGHT[:, :8])
    assert source.entry("w").dtype == np.dtype("f4")


def test_gguf_reading_a_part_loads_no_more(written, monkeypatch):
    path = written({"w": (np.zeros((3000, 1000), "f4"), None)})
    open_matrix_file(path)
    monkeypatch.setattr(mapped, "_COPY_BYTES", 64)
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        assert source.read("w", rows=7, cols=slice(0, 2)).tolist() == [0, 0]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_gguf_without_its_package_names_the_command(written, monkeypatch):
    path = written({"w": (WEIGHT, None)})

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(FileError, match=r"not installed.*pip install 'rankscope\[gguf\]'"):
        open_matrix_file(path)


def test_gguf_codes_that_the_package_does_not_know_are_listed(written, monkeypatch):
    codes = gguf.quantize(WEIGHT, Q.Q4_0)
    path = written({"w": (codes, Q.Q4_0), "plain": (WEIGHT, None)})

    class Older:
        """The package before it knew these codes."""

        def __getattr__(self, name):
            return getattr(gguf, name)

        def dequantize(self, codes, kind):
            raise NotImplementedError

    monkeypatch.setattr(reader, "_package", lambda path: Older())
    source = open_matrix_file(path)
    assert "Q4_0 are not multiplied out" in source.entry("w").note
    np.testing.assert_array_equal(source.read("plain"), WEIGHT)


@pytest.mark.parametrize("keep", [10, 30, 100, 0.5, 0.9])
def test_gguf_cut_short_is_a_sentence(written, keep):
    path = written({"w": (WEIGHT, None)})
    content = path.read_bytes()
    path.write_bytes(content[: keep if keep > 1 else int(keep * len(content))])
    with pytest.raises(FileError, match=r"cannot be read as a GGUF|its numbers take"):
        open_matrix_file(path)
