"""Codes in checkpoints: multiplied by their scale, or said to be codes; never shown as weights."""

from __future__ import annotations

import json

import ml_dtypes
import numpy as np
import pytest

from engine.files import open_matrix_file
from engine.spectrum import singular_values

KINDS = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e8m0fnu": "F8_E8M0",
    "int8": "I8",
    "uint8": "U8",
    "int32": "I32",
    "int64": "I64",
}
E4M3, E5M2 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2
RNG = np.random.default_rng(7)


@pytest.fixture
def opened(write):
    def _opened(tensors):
        header, data = {}, b""
        for name, array in tensors.items():
            raw = np.asarray(array).tobytes()
            header[name] = {
                "dtype": KINDS[np.asarray(array).dtype.name],
                "shape": list(np.shape(array)),
                "data_offsets": [len(data), len(data) + len(raw)],
            }
            data += raw
        text = json.dumps(header).encode()
        content = len(text).to_bytes(8, "little") + text + data
        return open_matrix_file(write("m.safetensors", content))

    return _opened


def codes(shape, dtype=E4M3):
    if dtype == np.int8:
        return RNG.integers(-127, 128, shape).astype(np.int8)
    return RNG.normal(size=shape).astype(dtype)


def multiplied(code, scale, block):
    """Brute force: every code by the scale of its block."""
    out = np.empty(code.shape, np.float32)
    for place in np.ndindex(code.shape):
        at = tuple(i // b for i, b in zip(place, block, strict=True))
        out[place] = np.float32(code[place]) * np.float32(scale[at])
    return out


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("dtype", [E4M3, E5M2, np.int8])
@pytest.mark.parametrize("scale_dtype", [np.float32, ml_dtypes.bfloat16, np.float16])
@pytest.mark.parametrize(
    ("shape", "scale", "block"),
    [
        ((6, 8), (), (6, 8)),
        ((6, 8), (1,), (6, 8)),
        ((6, 8), (1, 1), (6, 8)),
        ((6, 8), (6,), (1, 8)),
        ((6, 8), (6, 1), (1, 8)),
        ((6, 8), (1, 8), (6, 1)),
        ((6, 8), (8,), (6, 1)),
        ((6, 8), (6, 2), (1, 4)),
        ((130, 260), (2, 3), (128, 128)),
        ((64, 96), (1, 3), (64, 32)),
        ((2, 6, 8), (2, 1, 8), (1, 6, 1)),
        ((2, 130, 8), (2, 2, 1), (1, 128, 8)),
    ],
)
def test_codes_are_multiplied_by_their_scale(opened, dtype, scale_dtype, shape, scale, block):
    code = codes(shape, dtype)
    factors = RNG.uniform(0.01, 2, scale).astype(scale_dtype)
    source = opened({"a.weight": code, "a.weight_scale": factors, "a.bias": np.ones(2, "f4")})
    grid = tuple(-(-n // b) for n, b in zip(shape, block, strict=True))
    expected = multiplied(code, factors.astype("f4").reshape(grid), block)
    entry, got = source.entry("a.weight"), source.read("a.weight")
    assert (entry.dtype, got.dtype, got.shape) == (np.float32, np.float32, shape)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(
        source.read("a.weight", rows=slice(3, 0, -1), cols=2), expected[..., 3:0:-1, 2]
    )
    assert "multiplied by its scale 'a.weight_scale'" in entry.notes[0]
    beside = source.entry("a.weight_scale")
    assert not beside.readable or "no weight itself" in beside.notes[0]


@pytest.mark.parametrize(
    ("weight", "scale"),
    [
        ("l.weight", "l.weight_scale_inv"),
        ("l.weight", "l.scale_weight"),
        ("l.weight", "l.weight.scale"),
        ("l.weight", "l.scale"),
        ("l.weight", "l.scale_inv"),
        ("l.up_proj", "l.up_proj_scale"),
        ("l.up_proj", "l.up_proj_scale_inv"),
        ("weight", "weight_scale"),
    ],
)
def test_scales_go_by_several_names(opened, weight, scale):
    code = codes((4, 4))
    source = opened({weight: code, scale: np.full((1, 1), 0.5, np.float32)})
    np.testing.assert_array_equal(source.read(weight), code.astype("f4") * 0.5)


def test_scales_of_activations_are_no_scales_of_weights(opened):
    code = codes((4, 4))
    source = opened({"a.weight": code, "a.input_scale": np.full((1, 1), 0.5, np.float32)})
    assert source.read("a.weight").dtype == E4M3
    assert "no scale is found" in source.entry("a.weight").notes[0]


def test_scales_that_do_not_fit_are_said(opened):
    source = opened({"a.weight": codes((6, 8)), "a.weight_scale": np.ones((5, 3), np.float32)})
    assert source.read("a.weight").dtype == E4M3
    assert "(5, 3) does not fit" in source.entry("a.weight").notes[0]


def test_llm_int8_goes_by_the_largest_value_of_each_row(opened):
    code, largest = codes((3, 5), np.int8), np.array([0.5, 1.0, 2.0], np.float32)
    source = opened({"a.weight": code, "a.SCB": largest})
    expected = code * (largest[:, None] / np.float32(127))
    np.testing.assert_allclose(source.read("a.weight"), expected, rtol=1e-6)


def test_e8m0_scales_are_powers_of_two(opened):
    code = np.array([[127, 126, 130], [0, 254, 255]], np.uint8).view(ml_dtypes.float8_e8m0fnu)
    got = opened({"experts.0.scales": code}).read("experts.0.scales").astype(np.float64)
    np.testing.assert_array_equal(got, [[1, 0.5, 8], [2.0**-127, 2.0**127, np.nan]])


def test_e8m0_scales_multiply_codes(opened):
    code = codes((2, 64))
    scale = np.array([[127, 128], [126, 127]], np.uint8).view(ml_dtypes.float8_e8m0fnu)
    source = opened({"w": code, "w_scale": scale})
    factors = scale.astype("f4").repeat(32, axis=1)
    np.testing.assert_array_equal(source.read("w"), code.astype("f4") * factors)


def test_the_spectrum_is_that_of_the_weight(opened):
    weight = RNG.normal(size=(256, 130)).astype(np.float32)
    grid = np.exp(RNG.normal(size=(2, 2))).astype(np.float32)
    scale = grid.repeat(128, 0)[:256].repeat(128, 1)[:, :130]
    source = opened({"w.weight": (weight / scale).astype(E4M3), "w.weight_scale_inv": grid})
    found = singular_values(source.read("w.weight")).values
    expected = np.linalg.svd(weight, compute_uv=False)
    np.testing.assert_allclose(found, expected, rtol=0.05)


I32, U8, F16 = np.zeros((4, 16), np.int32), np.zeros((8, 4), np.uint8), np.ones((1, 16), "f2")
F32 = np.ones((2, 2), np.float32)


@pytest.mark.parametrize(
    ("tensors", "title"),
    [
        ({"q.qweight": I32, "q.qzeros": I32, "q.scales": F16, "q.g_idx": I32}, "GPTQ"),
        ({"q.qweight": I32, "q.qzeros": I32, "q.scales": F16}, "AWQ"),
        ({"q.weight": U8, "q.weight.absmax": F32, "q.weight.quant_map": F32}, "NF4"),
        ({"q.weight": U8, "q.weight.absmax": F32, "q.weight.nested_absmax": F32}, "NF4"),
        ({"gate_blocks": U8, "gate_scales": U8}, "MXFP4"),
        ({"e.0.blocks": U8, "e.0.scales": U8}, "MXFP4"),
        ({"q.weight": U8, "q.weight_scale": codes((8, 1)), "q.weight_scale_2": F32}, "NVFP4"),
        ({"q.weight_packed": I32, "q.weight_scale": F16, "q.weight_shape": I32}, "compressed"),
        ({"q.W_q": U8, "q.scale": F16, "q.zero": F16}, "HQQ"),
        ({"q.q_weight": I32, "q.q_scale": I32, "q.q_groups": I32}, "EXL2"),
        ({"q.weight._data": U8, "q.weight._scale": F16}, "quanto"),
        ({"q.weight": U8, "q.weight_scale": F16, "q.weight_zero_point": U8}, "scale from"),
        ({"q.weight": codes((4, 4), np.int8), "q.weight_scale": F32, "q.weight_zp": U8}, "codes"),
        ({"q.weight": np.zeros((4, 4), np.int8)}, "not in this file"),
        ({"q.qweight": I32}, "not in this file"),
    ],
)
def test_packed_codes_are_said_to_be_codes(opened, tensors, title):
    source = opened(tensors)
    name = next(iter(tensors))
    entry = source.entry(name)
    assert title in " ".join(entry.notes)
    assert "codes of a quantised" in " ".join(entry.notes)
    # As they are stored, and with a word on what lies beside them.
    np.testing.assert_array_equal(source.read(name), tensors[name])
    for other in list(tensors)[1:]:
        assert source.entry(other).notes or not source.entry(other).readable


def test_plain_weights_and_whole_numbers_have_no_notes(opened):
    source = opened({"a.weight": F32, "ids": I32, "a.scale": F32, "position.weight": F32})
    assert all(entry.notes == () for entry in source.entries)
