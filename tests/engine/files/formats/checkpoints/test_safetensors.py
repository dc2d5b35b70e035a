"""Checkpoints against the safetensors package, which wrote them."""

from __future__ import annotations

import json
import tracemalloc

import ml_dtypes
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save, save_file

from engine.errors import FileError
from engine.files import check_finite, open_matrix_file, replace_nonfinite
from engine.files.reading import mapped
from engine.spectrum import singular_values


def checkpoint_bytes(header: dict | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(raw) if length is None else length).to_bytes(8, "little") + raw + data


def tensor(shape=(2,), offsets=(0, 8), dtype="F32") -> dict:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    "dtype",
    ["?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "<c8"],
)
def test_safetensors_reads_what_the_package_wrote(tmp_path, dtype):
    rng = np.random.default_rng(1)
    stack = rng.integers(0, 2 if dtype == "?" else 100, (2, 3, 4)).astype(dtype)
    save_file({"stack": stack, "bias": stack[0, 0].copy()}, tmp_path / "m.safetensors")
    source = open_matrix_file(tmp_path / "m.safetensors")
    assert [e.name for e in source.entries] == ["bias", "stack"]
    entry = source.entry("stack")
    assert (entry.shape, entry.dtype, entry.bytes) == ((2, 3, 4), stack.dtype, stack.nbytes)
    got = source.read("stack")
    np.testing.assert_array_equal(got, stack)
    assert not got.flags.writeable
    np.testing.assert_array_equal(
        source.read("stack", index=(1,), rows=slice(1, 3), cols=2), stack[1, 1:3, 2]
    )
    np.testing.assert_array_equal(source.read("bias"), stack[0, 0])


EXTENSIONS = {
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
}


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_safetensors_short_floats_are_exact_and_have_a_spectrum(write, kind):
    values = np.random.default_rng(2).normal(size=(6, 5)).astype(EXTENSIONS[kind])
    offsets = (0, values.nbytes)
    path = write(
        "m.safetensors",
        checkpoint_bytes({"w": tensor((6, 5), offsets, kind)}, values.tobytes()),
    )
    with safe_open(path, framework="np") as package:
        assert package.get_slice("w").get_dtype() == kind
    source = open_matrix_file(path)
    got = source.read("w")
    assert source.entry("w").dtype == got.dtype == EXTENSIONS[kind]
    np.testing.assert_array_equal(got.astype(np.float64), values.astype(np.float64))
    expected = np.linalg.svd(values.astype(np.float64), compute_uv=False)
    np.testing.assert_allclose(singular_values(got).values, expected, rtol=1e-12)


def test_safetensors_bad_entries_of_bfloat16_are_found_and_replaced():
    values = np.ones((3, 2), ml_dtypes.bfloat16)
    values[1, 0] = np.nan
    assert check_finite(values).first == (1, 0)
    np.testing.assert_array_equal(replace_nonfinite(values).astype(float)[1], [0, 1])


def test_safetensors_layers_are_listed_as_people_count(write):
    names = [f"layers.{i}.w" for i in (10, 2, 1)] + ["embed", "layers.02.w"]
    content = save({name: np.ones(2, np.float32) for name in names})
    source = open_matrix_file(write("m.safetensors", content))
    listed = [e.name for e in source.entries]
    assert listed[0] == "embed"
    assert [name for name in listed if name != "layers.02.w"][1:] == [
        "layers.1.w",
        "layers.2.w",
        "layers.10.w",
    ]


def test_safetensors_opening_and_reading_a_part_loads_no_more(tmp_path, monkeypatch):
    path = tmp_path / "big.safetensors"
    save_file({"w": np.zeros((3000, 1000))}, path)
    monkeypatch.setattr(mapped, "_COPY_BYTES", 64)
    # What is loaded with the first mapped file is not counted.
    open_matrix_file(path).read("w")
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        part = source.read("w")
        row = source.read("w", rows=7, cols=slice(0, 4))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    assert part.shape == (3000, 1000)
    assert row.tolist() == [0, 0, 0, 0]


def test_safetensors_lists_what_it_cannot_read_with_the_reason(write):
    header = {
        "__metadata__": {"format": "pt"},
        "four_bits": tensor((4,), (0, 2), "F4"),
        "good": tensor((1, 2), (2, 10)),
        "nothing": tensor((0, 3), (10, 10)),
        "step": tensor((), (10, 14)),
    }
    source = open_matrix_file(write("m.safetensors", checkpoint_bytes(header, bytes(14))))
    notes = {e.name: e.note for e in source.entries if not e.readable}
    assert set(notes) == {"four_bits", "nothing", "step"}
    assert "F4 are not read here" in notes["four_bits"]
    assert "no elements" in notes["nothing"]
    assert "single number" in notes["step"]
    np.testing.assert_array_equal(source.read("good"), [[0, 0]])
    with pytest.raises(FileError, match="'step' cannot be read: it is a single number"):
        source.read("step")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (checkpoint_bytes({"a": tensor()}, bytes(8))[:-1], r"8 bytes of data, the file holds 7"),
        (checkpoint_bytes(b"{}", length=400), r"header takes 400 bytes.*cut short"),
        (checkpoint_bytes(b"{]"), "header is damaged .it is no JSON"),
        (checkpoint_bytes(b'{"a":' * 5000), "header is damaged .it is no JSON"),
        (checkpoint_bytes(b'{"a":1,"a":2}'), "the name 'a' occurs twice"),
        (checkpoint_bytes({}), "there is no array in it"),
        (checkpoint_bytes({"__metadata__": {"a": "b"}}), "there is no array in it"),
        (checkpoint_bytes({"a": 5}), "'a' should have a dtype"),
        (checkpoint_bytes({"a": {"dtype": "F32", "shape": [1]}}), "'a' should have a dtype"),
        (checkpoint_bytes({"a": tensor((-2,))}, bytes(8)), "'a' make no sense"),
        (checkpoint_bytes({"a": tensor((2.0,))}, bytes(8)), "'a' make no sense"),
        (checkpoint_bytes({"a": tensor(offsets=(8, 0))}, bytes(8)), "'a' make no sense"),
        (checkpoint_bytes({"a": tensor((3,))}, bytes(8)), r"takes 12 bytes, its place has 8"),
        (checkpoint_bytes({"a": tensor((2**62, 8), (0, 8))}, bytes(8)), r"takes [\d,]+ bytes"),
        (
            checkpoint_bytes({"a": tensor(), "b": tensor(offsets=(4, 12))}, bytes(12)),
            "'a' and 'b' lie on each other",
        ),
        (checkpoint_bytes({"a": tensor(dtype="F4")}, bytes(8)), "none of its 1 arrays can be read"),
    ],
)
def test_safetensors_refuses_with_a_sentence(write, content, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write("m.safetensors", content))


def test_safetensors_absurd_header_length_is_refused(write):
    content = (2**63).to_bytes(8, "little") + b"{"
    with pytest.raises(FileError, match="claims 9,223,372,036,854,775,808 bytes"):
        open_matrix_file(write("m.safetensors", content))


def test_safetensors_of_saved_factors_opens_again(tmp_path):
    from engine.spectrum import save_factors, truncated_svd

    a = np.random.default_rng(4).normal(size=(8, 6))
    save_factors(tmp_path / "f.safetensors", truncated_svd(a, 6), form="ab")
    source = open_matrix_file(tmp_path / "f.safetensors")
    left, right = (source.read(e.name) for e in source.entries)
    product = left @ right if left.shape[1] == right.shape[0] else right @ left
    np.testing.assert_allclose(product, a, rtol=0, atol=1e-6)
