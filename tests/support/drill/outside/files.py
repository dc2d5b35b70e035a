"""Files that change, lie, name something twice, unpack to too much, or whose reader does harm."""

from __future__ import annotations

import io
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.errors import FileError
from engine.files import open_apart, open_matrix_file
from engine.room import available_memory
from tests.support.drill.outside.running import Program
from tests.support.drill.outside.trying import check


def _hurt(name: str, hurt: Callable[[Path], None], suffix: str = ".npy") -> None:
    def run(folder: Path) -> None:
        path = folder / f"m{suffix}"
        matrix = np.random.default_rng(0).standard_normal((3000, 3000))  # 72 MB
        if suffix == ".npy":
            np.save(path, matrix)
        else:
            from safetensors.numpy import save_file

            save_file({"m": matrix}, path)
        program = Program(folder, "spectrum")
        program.application.open_paths([str(path)])
        runner = program.application.context.runner
        active = lambda: program.store["selection"].active  # noqa: E731
        assert program.wait(lambda: active() is not None and active().path == str(path))
        assert program.wait(runner.is_busy, 20)
        program.wait(lambda: False, 1.0)
        hurt(path)
        program.wait(lambda: not runner.is_busy(), 25)
        runner.cancel_all()
        program.window.show_page("topk")
        program.rest()
        program.end()

    check(f"mapped: a {suffix} that is {name} while Spectrum computes ends nothing")(run)


def _cut(path: Path) -> None:
    os.truncate(path, 1 << 20)


def _saved_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)
        np.save(file, np.ones((10, 10)))


def _replaced(path: Path) -> None:
    other = path.with_name("other.npy")
    np.save(other, np.ones((10, 10)))
    os.replace(other, path)


for _name, _how in {
    "cut": _cut,
    "saved over": _saved_over,
    "replaced": _replaced,
    "removed": os.remove,
}.items():
    _hurt(_name, _how)
_hurt("cut", _cut, ".safetensors")


# -- what is refused in a sentence -------------------------------------------------------------


def _refused(name: str, make: Callable[[Path], Path], words: str = "") -> None:
    def run(folder: Path) -> None:
        path = make(folder)
        for opened in (open_matrix_file, open_apart):
            try:
                with opened(path) as source:
                    for entry in source.entries:
                        if entry.readable:
                            source.read(entry.name)
                    said = " ".join(
                        (*map(str, source.notes), *(one.name for one in source.entries))
                    )
            except FileError as error:
                said = str(error)
            assert not words or words in said, said

    check(f"files: {name}: numbers or one sentence")(run)


def _axes(kind: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / f"a.{kind}"
        if kind == "safetensors":
            ones = ",".join("1" * 65)
            header = f'{{"a":{{"dtype":"F32","shape":[{ones}],"data_offsets":[0,4]}}}}'.encode()
            path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
        else:
            shape = "(" + "1," * 65 + ")"
            text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
            head = text.ljust(1024 - 11) + "\n"
            start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
            path.write_bytes(start + bytes(4))
        return path

    return make


def _twice_safetensors(folder: Path) -> Path:
    one = '"a":{"dtype":"F32","shape":[1,1],"data_offsets":[%d,%d]}'
    header = ("{" + one % (0, 4) + "," + one % (4, 8) + "}").encode()
    path = folder / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    return path


def _twice_npz(folder: Path) -> Path:
    path = folder / "a.npz"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for value in (1.0, 2.0):
            data = io.BytesIO()
            np.save(data, np.full((2, 2), value))
            archive.writestr("a.npy", data.getvalue())
    return path


def _twice_mat(folder: Path) -> Path:
    from scipy.io import savemat

    path, parts = folder / "a.mat", []
    for value in (1.0, 2.0):
        savemat(path, {"a": np.full((2, 2), value)})
        parts.append(path.read_bytes())
    path.write_bytes(parts[0] + parts[1][128:])
    return path


def _twice_mat4(folder: Path) -> Path:
    from scipy.io import savemat

    path, parts = folder / "a.mat", []
    for value in (1.0, 2.0):
        savemat(path, {"a": np.full((2, 2), value)}, format="4")
        parts.append(path.read_bytes())
    path.write_bytes(b"".join(parts))
    return path


def _twice_gguf(folder: Path) -> Path:
    def text(name: bytes) -> bytes:
        return struct.pack("<Q", len(name)) + name

    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 0)
    for offset in (0, 32):
        head += text(b"a") + struct.pack("<IQQIQ", 2, 2, 2, 0, offset)
    path = folder / "a.gguf"
    path.write_bytes(head + bytes(-len(head) % 32) + np.arange(16, dtype="<f4").tobytes())
    return path


def _twice_onnx(folder: Path) -> Path:
    import onnx
    from onnx import helper, numpy_helper

    ones = [numpy_helper.from_array(np.full((2, 2), v, "f4"), "a") for v in (1, 2)]
    path = folder / "a.onnx"
    onnx.save(helper.make_model(helper.make_graph([], "g", [], [], ones)), path)
    return path


def _twice_index(folder: Path) -> Path:
    from safetensors.numpy import save_file

    save_file({"a": np.ones((2, 2))}, folder / "s.safetensors")
    path = folder / "model.safetensors.index.json"
    path.write_text('{"weight_map":{"a":"s.safetensors","a":"s.safetensors"}}')
    return path


for _name, _make, _said in (  # said in a sentence, or both are listed
    ("a safetensors header", _twice_safetensors, "twice"),
    ("an npz", _twice_npz, "a (2)"),
    ("a MAT 5", _twice_mat, "twice"),
    ("a MAT 4", _twice_mat4, "twice"),
    ("a GGUF", _twice_gguf, "duplicated"),
    ("an ONNX graph", _twice_onnx, "a (2)"),
    ("an index of shards", _twice_index, "twice"),
):
    _refused(f"{_name} that names an array twice", _make, _said)
for _name in ("safetensors", "npy"):
    _refused(f"an array of 65 axes in .{_name}", _axes(_name))


def _workbook(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1500):
                sheet.write(b" " * (1 << 20))
    return path


def _pickled(folder: Path) -> Path:
    class Harm:
        def __reduce__(self):
            return os.mkdir, (str(folder / "harm"),)

    path = folder / "a.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Harm()))
        archive.writestr("archive/version", "3")
    return path


_refused("a workbook that unpacks to 1.5 GB", _workbook)


@check("files: nothing in a pickle of torch.save runs")
def _(folder: Path) -> None:
    with suppress(FileError):
        open_matrix_file(_pickled(folder))
    assert not (folder / "harm").exists()


@check("files: memory that is used up is not blamed on the disk")
def _(folder: Path) -> None:
    import resource

    path = folder / "a.csv"
    path.write_text("1,2,3\n" * 900_000)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    os.environ["RANKSCOPE_ANY_SIZE"] = "1"
    resource.setrlimit(resource.RLIMIT_AS, (used + (24 << 20), resource.RLIM_INFINITY))
    try:
        with open_matrix_file(path) as source:
            source.read(source.entries[0].name)
    except FileError as error:
        assert "memory" in str(error), str(error)
        assert "connection" not in str(error)


@check("files: a limit of the shell counts as the memory there is")
def _(folder: Path) -> None:
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), resource.RLIM_INFINITY))
    found = available_memory()
    assert found is not None
    assert found <= 101 << 20, found
