"""Files of every format, written by their own libraries and damaged: numbers or a FileError."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import time
import tracemalloc
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import h5py
import ml_dtypes
import numpy as np
import openpyxl
import scipy.io
import scipy.sparse
import tifffile
from onnx import helper, numpy_helper
from PIL import Image
from safetensors.numpy import save

from engine.errors import FileError
from engine.files import open_matrix_file
from tests.engine.files.torch_files import Storage, tensor, torch_bytes

LIMIT_BYTES, LIMIT_SECONDS = 64 << 20, 10.0


@dataclass
class Tally:
    """What came of the damaged files of one format."""

    outcomes: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    bytes: int = 0

    def add(self, outcome, seconds, size):
        self.outcomes[outcome] += 1
        self.seconds, self.bytes = max(self.seconds, seconds), max(self.bytes, size)

    def __str__(self):
        read, refused = self.outcomes["read"], self.outcomes["refused"]
        worst = f"slowest {self.seconds:.2f} s, largest {self.bytes / 2**20:.1f} MiB"
        return f"{read + refused} damaged: {read} read, {refused} refused; {worst}"


# By format; printed after a run.
TALLIES: dict[str, Tally] = defaultdict(Tally)


def _array(rng):
    kind = str(rng.choice(["f4", "f8", "i2", "u1", "f2", "i8"]))
    shape = tuple(int(n) for n in rng.integers(1, 7, int(rng.integers(1, 5))))
    return (rng.normal(size=shape) * 50).astype(kind)


def _matrix(rng):
    size = tuple(int(n) for n in rng.integers(1, 9, 2))
    return scipy.sparse.random_array(size, density=0.4, rng=rng)


def _npz(rng, stream):
    layout = str(rng.choice(["csr", "csc", "coo", "dia", "bsr"]))
    scipy.sparse.save_npz(stream, _matrix(rng).asformat(layout), compressed=bool(rng.integers(2)))


def _mtx(rng, stream):
    scipy.io.mmwrite(
        stream, _matrix(rng) if rng.integers(2) else np.atleast_2d(_matrix(rng).todense())
    )


def _packed_mtx(rng, stream):
    held = io.BytesIO()
    _mtx(rng, held)
    stream.write(gzip.compress(held.getvalue(), mtime=0))


def _mat(rng, stream):
    cell = np.empty((1, 2), dtype=object)
    cell[0, :] = [_array(rng), {"x": _array(rng), "t": "text"}]
    arrays = {"s": {"gain": _array(rng), "k": cell}, "K": _matrix(rng).tocsc(), "a": _array(rng)}
    scipy.io.savemat(stream, arrays, do_compression=bool(rng.integers(2)))


def _mat4(rng, stream):
    arrays = {"a": _matrix(rng).toarray(), "K": _matrix(rng).tocsc(), "word": "text"}
    scipy.io.savemat(stream, arrays, format="4")


def _hdf5(rng, stream):
    with h5py.File(stream, "w") as file:
        csr = _matrix(rng).tocsr()
        for name in ("data", "indices", "indptr"):
            file[f"X/{name}"] = getattr(csr, name)
        file["X"].attrs["shape"] = csr.shape
        file["t"] = rng.integers(-9, 9, (3, 4)).astype("i2")
        file["t"].attrs["scale_factor"], file["t"].attrs["_FillValue"] = 0.5, np.int16(3)
        file.create_dataset("p", data=_array(rng), compression="gzip", chunks=True)
        file["time"] = np.arange(3)
        file["time"].attrs["units"] = "days since 2020-01-01"
        file["time"].make_scale("time")
        file["t"].dims[0].attach_scale(file["time"])


def _netcdf(rng, stream):
    held = io.BytesIO()
    with scipy.io.netcdf_file(held, "w") as file:
        file.createDimension("y", 3)
        file.createDimension("x", 4)
        one = file.createVariable("t", "h", ("y", "x"))
        one[:] = rng.integers(-9, 9, (3, 4))
        one.valid_range, one.scale_factor = np.array([-5, 7], np.int16), 0.5
        file.createVariable("u", "d", ("x",))[:] = rng.normal(size=4)
        days = file.createVariable("y", "i", ("y",))
        days[:] = [0, 1, 2]
        days.units = "days since 2020-01-01"
        file.flush()
        stream.write(held.getvalue())


def _npy(rng, stream):
    kind = ml_dtypes.bfloat16 if rng.integers(2) else "c8"
    np.save(stream, rng.normal(size=(3, 4)).astype(kind))


def _xlsx(rng, stream):
    book = openpyxl.Workbook()
    for row in [["a", "b"], *rng.normal(size=(3, 2)).tolist(), [1.5, "=A2*2"]]:
        book.active.append(row)
    book.save(stream)


def _safetensors(rng, stream):
    a, b = rng.normal(size=(2, 5)), rng.normal(size=(4, 2))
    code = rng.integers(-9, 9, (4, 4)).astype(np.int8)
    scale = rng.random((4, 1)).astype("f4")
    tensors = {"q.lora_A.weight": a, "q.lora_B.weight": b, "w": code, "w_scale": scale}
    stream.write(save(tensors | {"c": _array(rng)}))


def _torch(rng, stream):
    storage = Storage(rng.normal(size=30).astype("f4"))
    turned = tensor(storage.array.reshape(5, 6).T, storage)
    value = {"a": tensor(_array(rng)), "t": turned, "n": {"x": [tensor(_array(rng))], "lr": 0.1}}
    stream.write(torch_bytes(value, protocol=int(rng.integers(2, 6))))


def _tiff(rng, stream):
    packing = str(rng.choice(["", "zlib", "lzma"]))
    array = np.atleast_2d(_array(rng))
    order = str(rng.choice(["<", ">"]))
    tifffile.imwrite(
        stream, array, photometric="minisblack", compression=packing or None, byteorder=order
    )


def _table(rng, stream):
    head = "name,a,b,c\n" if rng.integers(2) else ""
    rows = [f"r{i}," + ",".join(f"{x:.3f}" for x in rng.normal(size=3)) for i in range(5)]
    stream.write(gzip.compress((head + "\n".join(rows) + "\n").encode(), mtime=0))


def _anndata(rng, stream):
    with h5py.File(stream, "w") as file:
        csr = _matrix(rng).tocsr()
        file["X"] = _array(rng).reshape(-1, 1)
        for name in ("data", "indices", "indptr"):
            file[f"matrix/{name}"] = getattr(csr.T.tocsc(), name)
        file["matrix/shape"] = csr.shape
        file["matrix/barcodes"] = [b"c%d" % i for i in range(csr.shape[1])]


def _png(rng, stream):
    size = tuple(int(n) for n in rng.integers(1, 9, 2))
    Image.fromarray(rng.integers(0, 255, size).astype("u1")).save(stream, "png")


def _index(rng, stream):
    """The index of a model in parts, whose part stands beside it."""
    held = dict.fromkeys(("a", "b"), "p.safetensors")
    stream.write(json.dumps({"metadata": {"total_size": 80}, "weight_map": held}).encode())


def _gguf(rng, stream):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_array("tokens", ["a", "bc"])
        kind = gguf.GGMLQuantizationType.Q8_0
        codes = gguf.quantize(rng.normal(size=(3, 64)).astype("f4"), kind)
        writer.add_tensor("q", codes, raw_dtype=kind)
        writer.add_tensor("w", rng.normal(size=(3, 4)).astype("f4"))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        stream.write(path.read_bytes())


def _onnx(rng, stream):
    """Weights, a constant, codes with a scale, and a branch."""
    held = [numpy_helper.from_array(_array(rng), name) for name in ("w", "onnx::MatMul_1", "q_x")]
    codes = ["onnx::MatMul_1", "w", "q_x"]
    inner = helper.make_node("Constant", [], ["c"], value=held[0])
    branch = helper.make_graph([inner], "b", [], [], initializer=held[:1])
    nodes = [
        helper.make_node("MatMul", ["x", "onnx::MatMul_1"], ["y"], name="/a/q_proj/MatMul"),
        helper.make_node("DequantizeLinear", codes, ["d"]),
        helper.make_node("If", ["x"], ["o"], then_branch=branch),
    ]
    graph = helper.make_graph(nodes, "g", [], [], initializer=held)
    stream.write(helper.make_model(graph).SerializeToString())


WRITERS = {
    "npz": (_npz, "f.npz"),
    "mtx": (_mtx, "f.mtx"),
    "mtx.gz": (_packed_mtx, "f.mtx.gz"),
    "mat": (_mat, "f.mat"),
    "mat of version 4": (_mat4, "f.mat"),
    "hdf5": (_hdf5, "f.h5"),
    "safetensors": (_safetensors, "f.safetensors"),
    "torch": (_torch, "f.pt"),
    "tiff": (_tiff, "f.tif"),
    "gguf": (_gguf, "f.gguf"),
    "onnx": (_onnx, "f.onnx"),
    "netcdf": (_netcdf, "f.nc"),
    "npy": (_npy, "f.npy"),
    "xlsx": (_xlsx, "f.xlsx"),
    "csv.gz": (_table, "f.csv.gz"),
    "10x": (_anndata, "f.h5"),
    "png": (_png, "f.png"),
    "index.json": (_index, "model.safetensors.index.json"),
}


def _damaged(rng, content):
    """Cut, flip bits, overwrite, put in or leave out bytes, one to three times."""
    made = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        place = int(rng.integers(0, max(1, len(made))))
        kind = int(rng.integers(0, 5))
        if kind == 0:
            del made[place:]
        elif kind == 1 and made:
            made[place] ^= 1 << int(rng.integers(0, 8))
        elif kind == 2:
            made[place : place + 8] = rng.bytes(8)
        elif kind == 3:
            made[place:place] = rng.bytes(int(rng.integers(1, 9)))
        else:
            del made[place : place + int(rng.integers(1, 9))]
    return bytes(made)


def _read_all(path):
    """Open and read everything; what is read is what the entry says."""
    try:
        source = open_matrix_file(path)
    except FileError:
        return "refused"
    with source:
        for entry in source.entries:
            for view in (None, *entry.views[:2]):
                try:
                    array = source.read(entry.name, view=view)
                except FileError:
                    continue
                assert array.dtype == entry.dtype, entry
                assert view is not None or array.shape == entry.shape, entry
    return "read"


def damaged_files(rng):
    """A file of a format, damaged eight times over."""
    name = str(rng.choice(list(WRITERS)))
    writer, title = WRITERS[name]
    stream = io.BytesIO()
    writer(rng, stream)
    content = stream.getvalue()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, title)
        path.write_bytes(content)
        part = {"a": rng.normal(size=(2, 3)), "b": rng.normal(size=4)}
        Path(folder, "p.safetensors").write_bytes(save(part))
        assert _read_all(path) == "read", name
        for _ in range(8):
            path.write_bytes(_damaged(rng, content))
            tracemalloc.start()
            start = time.perf_counter()
            try:
                outcomes.append(_read_all(path))
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            took = time.perf_counter() - start
            TALLIES[name].add(outcomes[-1], took, peak)
            assert took < LIMIT_SECONDS, (name, took)
            assert peak < LIMIT_BYTES, (name, peak)
    return name, outcomes


CHECKS = (damaged_files,)
