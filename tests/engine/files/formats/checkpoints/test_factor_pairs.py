"""Pairs of factors in checkpoints: their product is an entry, and need not be formed."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import FileError
from engine.files import open_matrix_file
from tests.engine.files.torch_files import tensor, torch_bytes

RNG = np.random.default_rng(14)
A, B = (RNG.normal(size=shape).astype(np.float32) for shape in ((2, 10), (7, 2)))
PRODUCT = B.astype(float) @ A.astype(float)


@pytest.fixture
def opened(tmp_path):
    def _opened(tensors):
        arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
        save_file(arrays, tmp_path / "l.safetensors")
        return open_matrix_file(tmp_path / "l.safetensors")

    return _opened


@pytest.mark.parametrize(
    ("first", "second", "stem"),
    [
        ("m.q_proj.lora_A.weight", "m.q_proj.lora_B.weight", "m.q_proj"),
        ("m.q_proj.lora_A.default.weight", "m.q_proj.lora_B.default.weight", "m.q_proj.default"),
        ("m.q_proj.lora_A", "m.q_proj.lora_B", "m.q_proj"),
        ("m.q.lora_a", "m.q.lora_b", "m.q"),
        ("lora_unet_to_q.lora_down.weight", "lora_unet_to_q.lora_up.weight", "lora_unet_to_q"),
        ("attn.to_q_lora.down.weight", "attn.to_q_lora.up.weight", "attn.to_q"),
        ("attn.to_q.lora.down.weight", "attn.to_q.lora.up.weight", "attn.to_q"),
        ("e.lora_embedding_A", "e.lora_embedding_B", "e.embedding"),
        ("e.lora_embedding_A.default", "e.lora_embedding_B.default", "e.default.embedding"),
    ],
)
def test_pairs_go_by_several_names(opened, first, second, stem):
    source = opened({first: A, second: B})
    entry = source.entries[0]
    assert (entry.name, entry.shape, entry.dtype) == (f"{stem} B@A", (7, 10), np.float64)
    np.testing.assert_allclose(source.read(entry.name), PRODUCT, rtol=1e-12)
    np.testing.assert_allclose(source.read(entry.name, rows=3, cols=slice(2, 5)), PRODUCT[3, 2:5])
    assert "No alpha is stored" in entry.notes[1]
    assert {one.name for one in source.entries} == {entry.name, first, second}


@pytest.mark.parametrize("alpha", [8.0, 1.0, 0.5])
@pytest.mark.parametrize("shape", [(), (1,)])
def test_alpha_over_rank_multiplies_the_product(opened, alpha, shape):
    tensors = {"x.lora_down.weight": A, "x.lora_up.weight": B}
    source = opened(tensors | {"x.alpha": np.full(shape, alpha, np.float32)})
    np.testing.assert_allclose(source.read("x B@A"), PRODUCT * alpha / 2, rtol=1e-12)
    assert "alpha / r, alpha from 'x.alpha'" in " ".join(source.entry("x B@A").notes)
    left, right = source.factors("x B@A")
    assert (left.shape, right.shape) == ((7, 2), (2, 10))
    np.testing.assert_allclose(left @ right, PRODUCT * alpha / 2, rtol=1e-12)
    assert source.factors("x.lora_up.weight") is None


def test_alpha_that_is_no_number_is_refused(opened):
    tensors = {"x.lora_down.weight": A, "x.lora_up.weight": B, "x.alpha": np.array(np.nan, "f4")}
    with pytest.raises(FileError, match=r"its alpha 'x\.alpha' is nan"):
        opened(tensors).read("x B@A")


def test_embeddings_in_the_other_order_are_multiplied_as_their_shapes_have_it(opened):
    source = opened({"e.lora_embedding_A": A.T, "e.lora_embedding_B": B.T})
    np.testing.assert_allclose(source.read("e.embedding B@A"), PRODUCT.T, rtol=1e-12)
    assert "A @ B" in " ".join(source.entry("e.embedding B@A").notes)


@pytest.mark.parametrize("up", [(7, 2, 1, 1), (7, 2)])
def test_kernels_are_unfolded(opened, up):
    down = RNG.normal(size=(2, 5, 3, 3)).astype(np.float32)
    source = opened({"c.lora_down.weight": down, "c.lora_up.weight": B.reshape(up)})
    expected = B.astype(float) @ down.reshape(2, -1).astype(float)
    np.testing.assert_allclose(source.read("c B@A"), expected, rtol=1e-12)


def test_stacks_of_experts_are_stacks_of_products(opened):
    a, b = RNG.normal(size=(3, 2, 10)), RNG.normal(size=(3, 7, 2))
    source = opened({"x.lora_A.weight": a, "x.lora_B.weight": b})
    np.testing.assert_allclose(source.read("x B@A"), b @ a, rtol=1e-12)


def test_short_floats_are_multiplied_in_float64(opened):
    source = opened({"x.lora_A.weight": A.astype("f2"), "x.lora_B.weight": B.astype("f2")})
    expected = B.astype("f2").astype(float) @ A.astype("f2").astype(float)
    np.testing.assert_allclose(source.read("x B@A"), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "tensors",
    [
        {"x.lora_A.weight": A},
        {"x.lora_A.weight": A, "y.lora_B.weight": B},
        {"x.lora_A.weight": A, "x.lora_B.weight": A},
        {"x.lora_A.weight": A[0], "x.lora_B.weight": B},
        {"x.lora_down.weight": A, "x.lora_up.weight": B, "x.lora_mid.weight": np.eye(2)},
        {"x.A": A, "x.B": B},
    ],
)
def test_what_is_no_pair_has_no_product(opened, tensors):
    assert not any("B@A" in entry.name for entry in opened(tensors).entries)


def test_pairs_in_files_of_torch(write):
    content = torch_bytes({"x.lora_A.weight": tensor(A), "x.lora_B.weight": tensor(B)})
    source = open_matrix_file(write("adapter_model.bin", content))
    np.testing.assert_allclose(source.read("x B@A"), PRODUCT, rtol=1e-12)
