"""ONNX models written by onnx itself: every tensor, its name, its codes, and where it lies."""

import tracemalloc

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.checkpoint import open_checkpoint
from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.reading import mapped

RNG = np.random.default_rng(7)
W = RNG.normal(size=(6, 4)).astype("f4")
MATMUL = "/model/layers.0/self_attn/q_proj/MatMul"
QUANTISED = "/model/layers.0/mlp/up_proj/MatMul_quant"


@pytest.fixture
def written(tmp_path):
    def write(tensors=(), nodes=(), **options):
        graph = helper.make_graph(list(nodes), "graph", [], [], initializer=list(tensors))
        path = tmp_path / "model.onnx"
        onnx.save(helper.make_model(graph), path, **options)
        return path

    return write


def constant(array, name="c"):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, "any"))


@pytest.mark.parametrize(
    "dtype",
    [
        *("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8", "c16"),
        *(ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2),
    ],
)
def test_numbers_are_bit_exact(written, dtype):
    given = (RNG.normal(size=(3, 5)) * 9).astype(dtype)
    source = open_matrix_file(written([numpy_helper.from_array(given, "w")]))
    got = source.read("w")
    assert got.dtype == given.dtype
    assert got.tobytes() == given.tobytes()
    assert source.read("w", rows=1).tobytes() == given[1].tobytes()


def test_numbers_in_fields_of_their_type(written):
    kinds = {"f": TensorProto.FLOAT, "d": TensorProto.DOUBLE, "i": TensorProto.INT32}
    numbers = [1, 2, 3, 4, 5, 6]
    tensors = [helper.make_tensor(name, kind, [2, 3], numbers) for name, kind in kinds.items()]
    source = open_matrix_file(written(tensors))
    assert source.read("f").tolist() == source.read("d").tolist() == [[1, 2, 3], [4, 5, 6]]
    assert not source.entry("i").readable
    assert "numpy_helper" in source.entry("i").note


def test_a_folded_transpose_is_read_as_the_module_has_it(written):
    nodes = [
        helper.make_node("MatMul", ["x", "onnx::MatMul_12"], ["y"], name=MATMUL),
        helper.make_node("Gemm", ["y", "onnx::Gemm_3"], ["z"], name="/fc/Gemm", transB=1),
        helper.make_node("Gemm", ["y", "onnx::Gemm_4"], ["z"], name="/out/Gemm"),
        helper.make_node("MatMul", ["z", "given"], ["o"], name="/other/MatMul"),
    ]
    names = ("onnx::MatMul_12", "onnx::Gemm_3", "onnx::Gemm_4", "given")
    source = open_matrix_file(written([numpy_helper.from_array(W, name) for name in names], nodes))
    expected = {"model.layers.0.self_attn.q_proj.weight": W.T, "fc.weight": W, "out.weight": W.T}
    for name, numbers in {**expected, "given": W}.items():
        np.testing.assert_array_equal(source.read(name), numbers)
        np.testing.assert_array_equal(source.read(name, rows=2), numbers[2])
        np.testing.assert_array_equal(source.read(name, cols=slice(1, 3)), numbers[:, 1:3])
    assert {entry.name for entry in source.entries} == {*expected, "given"}
    assert source.notes[0].startswith("2 matrices")


def test_constants_and_branches_are_found(written):
    branch = helper.make_graph(
        [constant(W + 1, "inner")], "then", [], [], initializer=[numpy_helper.from_array(W, "w")]
    )
    deep = helper.make_graph(
        [helper.make_node("If", ["c"], ["o"], then_branch=branch, else_branch=branch)], "g", [], []
    )
    nodes = [constant(W, "outer"), constant(np.float32(3), "setting")]
    nodes.append(helper.make_node("Loop", ["n"], ["p"], body=deep))
    source = open_matrix_file(written(nodes=nodes))
    names = {entry.name for entry in source.entries}
    assert names == {"outer", "inner", "w", "inner (2)", "w (2)"}
    np.testing.assert_array_equal(source.read("inner (2)"), W + 1)


@pytest.mark.parametrize("zero", [0, 3])
def test_codes_are_multiplied_by_their_scale_or_named_as_codes(written, zero):
    codes = RNG.integers(-99, 99, (6, 4)).astype("i1")
    scale = RNG.uniform(0.01, 0.1, 4).astype("f4")
    tensors = [
        numpy_helper.from_array(codes, "up.weight_quantized"),
        numpy_helper.from_array(scale, "s"),
        numpy_helper.from_array(np.full(4, zero, "i1"), "z"),
    ]
    node = helper.make_node("DequantizeLinear", ["up.weight_quantized", "s", "z"], ["w"], axis=1)
    source = open_matrix_file(written(tensors, [node]))
    entry = source.entry("up.weight")
    if zero:
        assert "not its numbers" in entry.note
        assert source.entry("up.weight_zero_point").aside
    else:
        np.testing.assert_array_equal(source.read("up.weight"), codes.astype("f4") * scale)
        assert "multiplied by its scale" in entry.note
    assert source.entry("up.weight_scale").aside


def test_blocks_of_four_bits_are_codes(written):
    tensors = [
        numpy_helper.from_array(RNG.integers(0, 255, (8, 2, 16)).astype("u1"), "q.weight_Q4"),
        numpy_helper.from_array(np.ones(16, "f4"), "q.weight_scales"),
    ]
    node = helper.make_node("MatMulNBits", ["x", "q.weight_Q4", "q.weight_scales"], ["y"])
    source = open_matrix_file(written(tensors, [node]))
    assert "Packed codes" in source.entry("q.weight_Q4").note


def test_numbers_in_a_file_beside_the_model(written, tmp_path):
    weights = [numpy_helper.from_array(W * i, f"w{i}") for i in (1, 2)]
    path = written(weights, save_as_external_data=True, location="model.data", size_threshold=0)
    source = open_matrix_file(path)
    np.testing.assert_array_equal(source.read("w2"), W * 2)
    (tmp_path / "model.data").write_bytes(b"short")
    with pytest.raises(FileError, match="changed"):
        source.read("w2")
    with pytest.raises(FileError, match=r"model\.data is too short"):
        open_matrix_file(path)
    (tmp_path / "model.data").unlink()
    with pytest.raises(FileError, match="not beside this one"):
        open_matrix_file(path)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "", ".", "\0"])
def test_names_of_files_lead_nowhere_else(written, tmp_path, name):
    secret = tmp_path.parent / "secret"
    secret.write_bytes(bytes(96))
    (tmp_path / "link").symlink_to(secret)
    tensor = TensorProto(name="w", data_type=1, dims=[6, 4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=name)
    path = written([numpy_helper.from_array(W, "fine")])
    model = onnx.load(path)
    model.graph.initializer.append(tensor)
    path.write_bytes(model.SerializeToString())
    source = open_matrix_file(path)
    assert not source.entry("w").readable
    assert source.entry("fine").readable


def test_reading_a_part_loads_no_more(written, monkeypatch):
    path = written([numpy_helper.from_array(np.zeros((3000, 1000), "f4"), "w")])
    monkeypatch.setattr(mapped, "_COPY_BYTES", 64)
    open_matrix_file(path)
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        assert source.read("w", rows=7, cols=slice(0, 2)).tolist() == [0, 0]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "a.onnx"
    for content in (b"\x08\x08\x12\x02ab", b"\x08\x08\x3a\x7fabc", b"\x08\x08\x3a\x02\x0a\x05"):
        path.write_bytes(content)
        with pytest.raises(FileError):
            open_matrix_file(path)
    path.write_bytes(b"\x08\x08\x3a" + b"\x0a" * 4000)
    with pytest.raises(FileError):
        open_matrix_file(path)


def test_a_folder_with_it_is_a_model(written, tmp_path):
    node = helper.make_node("MatMul", ["x", "onnx::MatMul_12"], ["y"], name=MATMUL)
    written([numpy_helper.from_array(W, "onnx::MatMul_12")], [node])
    model = open_checkpoint(tmp_path)
    (matrix,) = model.matrices
    assert (matrix.role.role, matrix.role.layer, matrix.shape) == ("q", 0, (4, 6))
    np.testing.assert_array_equal(model.read(matrix), W.T)
