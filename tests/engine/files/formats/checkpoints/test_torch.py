"""Files of torch.save: their tensors, and the proof that nothing in them is ever run."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
from contextlib import contextmanager

import ml_dtypes
import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.layouts.torch import opcodes
from engine.files.reading import mapped
from tests.engine.files.torch_files import Named, Storage, tensor, torch_bytes

A = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(
    "dtype",
    [
        *("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"),
        *("complex64", "complex128", ml_dtypes.bfloat16),
    ],
)
@pytest.mark.parametrize("name", ["w.pt", "w.pth", "pytorch_model.bin", "w.ckpt", "noname"])
def test_torch_state_dicts_are_read(write, dtype, name):
    array = A.astype(dtype)
    source = open_matrix_file(write(name, torch_bytes({"fc.weight": tensor(array)})))
    entry, got = source.entry("fc.weight"), source.read("fc.weight")
    assert (entry.shape, entry.dtype, got.dtype) == (array.shape, array.dtype, array.dtype)
    np.testing.assert_array_equal(got, array)
    assert not got.flags.writeable
    assert source.format.key == "torch"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_torch_pickles_of_every_protocol(write, protocol):
    content = torch_bytes({"w": tensor(A), "lr": 0.1, "big": 2**70}, protocol=protocol)
    np.testing.assert_array_equal(open_matrix_file(write("w.pt", content)).read("w"), A)


def test_torch_big_endian_archives(write):
    content = torch_bytes({"w": tensor(A), "i": tensor(A.astype("i2"))}, order="big")
    source = open_matrix_file(write("w.pt", content))
    np.testing.assert_array_equal(source.read("w"), A)
    np.testing.assert_array_equal(source.read("i"), A)


def test_torch_views_share_a_storage(write):
    storage = Storage(np.arange(24, dtype=np.float32))
    whole = storage.array.reshape(4, 6)
    views = {
        "whole": tensor(whole, storage),
        "turned": tensor(whole.T, storage),
        "inner": tensor(whole[1:3, 2:5], storage, offset=8),
        "column": tensor(whole[:, 1], storage, offset=1),
        "again": tensor(np.lib.stride_tricks.as_strided(whole, (5, 6), (0, 4)), storage),
    }
    source = open_matrix_file(write("v.pt", torch_bytes(views)))
    np.testing.assert_array_equal(source.read("whole"), whole)
    np.testing.assert_array_equal(source.read("turned"), whole.T)
    np.testing.assert_array_equal(source.read("turned", rows=2, cols=slice(1, 3)), whole[1:3, 2])
    np.testing.assert_array_equal(source.read("inner"), whole[1:3, 2:5])
    np.testing.assert_array_equal(source.read("column"), whole[:, 1])
    assert "repeats its numbers" in source.entry("again").note


def test_torch_bits_of_conjugates_and_negatives_are_applied(write):
    """PyTorch stores z and notes that -conj(z) is meant."""
    z = A + 1j * A[::-1].copy()

    def noted(array, **bits):
        named = tensor(array)
        named.arguments = (*named.arguments, bits)
        return named

    views = {
        "conj": noted(z, conj=True),
        "both": noted(z, conj=True, neg=True),
        "neg": noted(A, neg=True),
        "none": noted(A),
        "false": noted(A, neg=False),
    }
    source = open_matrix_file(write("v.pt", torch_bytes(views)))
    expected = {"conj": z.conj(), "both": -z.conj(), "neg": -A, "none": A, "false": A}
    for name, array in expected.items():
        np.testing.assert_array_equal(source.read(name), array)
        np.testing.assert_array_equal(source.read(name, rows=1, cols=slice(1, 3)), array[1, 1:3])


def test_torch_nested_checkpoints_and_modules(write):
    parameter = Named("torch._utils._rebuild_parameter", tensor(A), True, {})
    layer = Named("torch.nn.modules.linear.Linear", 0, state={"_parameters": {"weight": parameter}})
    value = {
        "state_dict": {"fc.weight": tensor(A), "n": 3},
        "optimizer": {"state": {0: {"exp_avg": tensor(A + 1)}}, "groups": [tensor(A + 2)]},
        "args": Named("argparse.Namespace", state={"lr": 0.1, "w": tensor(A)}),
        "model": Named("my.Net", 1, state={"_modules": {"fc": layer}, "other": tensor(A)}),
    }
    source = open_matrix_file(write("c.pt", torch_bytes(value)))
    assert [entry.name for entry in source.entries] == [
        "model.fc.weight",
        "optimizer.groups.0",
        "optimizer.state.0.exp_avg",
        "state_dict.fc.weight",
    ]
    np.testing.assert_array_equal(source.read("optimizer.state.0.exp_avg"), A + 1)
    assert "argparse.Namespace" in source.notes[0]
    assert "never run" in source.notes[0]


def test_torch_a_tensor_by_itself_is_called_as_the_file(write):
    source = open_matrix_file(write("scores.pt", torch_bytes(tensor(A))))
    np.testing.assert_array_equal(source.read("scores"), A)


def test_torch_float8_by_its_dtype(write):
    codes = Storage(np.arange(4, dtype=np.uint8), "UntypedStorage")
    dtype = Named("torch.float8_e4m3fn")
    one = Named("torch._utils._rebuild_tensor_v3", codes, 0, (2, 2), (2, 1), False, {}, dtype)
    got = open_matrix_file(write("f.pt", torch_bytes({"w": one}))).read("w")
    assert got.dtype == ml_dtypes.float8_e4m3fn
    np.testing.assert_array_equal(got.view(np.uint8), [[0, 1], [2, 3]])


def test_torch_reading_a_part_loads_no_more(write, monkeypatch):
    path = write("big.pt", torch_bytes({"w": tensor(np.zeros((3000, 1000)))}))
    monkeypatch.setattr(mapped, "_COPY_BYTES", 64)
    # What is loaded with the first mapped file is not counted.
    open_matrix_file(path).read("w")
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        source.read("w")
        assert source.read("w", rows=7, cols=slice(0, 4)).tolist() == [0, 0, 0, 0]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"shape": (300, 4)}, "takes? [\\d,]+ bytes, its place has 48"),
        ({"offset": 9}, "its place has 48"),
        ({"strides": (400, 1)}, "its place has 48"),
    ],
)
def test_torch_tensors_beyond_their_storage_are_listed_with_the_reason(write, changed, reason):
    parts = {"offset": 0, "shape": (3, 4), "strides": (4, 1)} | changed
    storage = Storage(A.reshape(-1))
    bad = Named("torch._utils._rebuild_tensor_v2", storage, *parts.values(), False, {})
    source = open_matrix_file(write("b.pt", torch_bytes({"bad": bad, "good": tensor(A)})))
    assert not source.entry("bad").readable
    assert "its place has 48" in source.entry("bad").note
    np.testing.assert_array_equal(source.read("good"), A)


class Trap:
    """Runs a program when it is unpickled."""

    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def archive(data: bytes, **members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("m/data.pkl", data)
        for name, content in members.items():
            made.writestr(f"m/data/{name}", content)
    return stream.getvalue()


# What Python reports of itself when anything is looked up in a pickle, run, started or written.
FORBIDDEN = (
    *("pickle.", "exec", "compile", "import", "subprocess.", "ctypes.", "socket.", "code."),
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.mkdir", "os.remove"),
    *("os.rename", "os.chmod", "shutil."),
)
seen: list[str] = []
watching: list[bool] = []


def audit(event: str, arguments: object) -> None:
    if watching and event.startswith(FORBIDDEN):
        seen.append(event)


sys.addaudithook(audit)


@contextmanager
def nothing_is_run():
    """Fail when anything is run meanwhile, by what the interpreter itself reports."""
    seen.clear()
    watching.append(True)
    try:
        yield
    finally:
        watching.clear()
    assert seen == []


def test_the_watch_sees_what_a_pickle_does():
    with pytest.raises(AssertionError, match=r"pickle\.find_class"), nothing_is_run():
        pickle.loads(pickle.dumps(Trap(os.getpid)))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["system", "eval", "exec", "mkdir", "import", "getattr", "popen"])
def test_torch_malicious_pickles_run_nothing(tmp_path, protocol, kind):
    folder = str(tmp_path / "broken into")
    function, arguments = {
        "system": (os.system, (f"mkdir '{folder}'",)),
        "eval": (eval, (f"__import__('os').mkdir({folder!r})",)),
        "exec": (exec, (f"import os; os.mkdir({folder!r})",)),
        "mkdir": (os.mkdir, (folder,)),
        "import": (__import__, ("antigravity",)),
        "getattr": (getattr, ("os", "system")),
        "popen": (subprocess.Popen, (["mkdir", folder],)),
    }[kind]
    trap = Trap(function, *arguments)
    path = tmp_path / "weights.pt"
    path.write_bytes(archive(pickle.dumps({"w": trap, "x": [trap]}, protocol)))
    # What is imported on the way is imported now.
    open_matrix_file(write_good(tmp_path)).read("w")
    opcodes.read_pickle(pickle.dumps({"w": ["\u00e9"]}, protocol))
    with (
        nothing_is_run(),
        pytest.raises(FileError, match="never opened here, because opening one can run"),
    ):
        open_matrix_file(path)
    assert not os.path.exists(folder)


def write_good(folder):
    path = folder / "good.pt"
    path.write_bytes(torch_bytes({"w": tensor(A)}))
    return path


def test_torch_a_trap_beside_tensors_is_named_and_left_out(tmp_path):
    folder = str(tmp_path / "broken into")
    path = write_good(tmp_path)
    open_matrix_file(path).read("w")
    path.write_bytes(torch_bytes({"w": tensor(A), "x": Named("os.mkdir", folder)}))
    with nothing_is_run():
        source = open_matrix_file(path)
        got = source.read("w")
    np.testing.assert_array_equal(got, A)
    assert source.notes == ("Only tensors are read. Left out, and never run: os.mkdir.",)
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    "name", ["os.system", "torch._utils._rebuild_tensor_v9", "torch._utils.x._rebuild_tensor_v2"]
)
def test_torch_only_names_of_the_list_are_understood(name):
    data = pickle.PROTO + b"\x02" + pickle.GLOBAL
    module, _, function = name.rpartition(".")
    data += f"{module}\n{function}\n".encode() + pickle.EMPTY_TUPLE + pickle.REDUCE + pickle.STOP
    value, foreign = opcodes.read_pickle(data)
    assert isinstance(value, opcodes.Foreign)
    assert foreign == (name,)


def nested(depth: int) -> bytes:
    return b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b"."


def laughs() -> bytes:
    """A list of two references to a list of two references: 2 ** 60 leaves in 300 bytes."""
    step = b"]q%c(h%ch%ce"
    parts = b"".join(step.replace(b"%c", b"%c") % (i + 1, i, i) for i in range(60))
    return b"\x80\x02]q\x00" + parts + b"."


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "breaks off|makes no sense"),
        (b"\x80\x02}q\x00", "breaks off|makes no sense"),
        (b"\x80\x02\x82\x01.", "takes the step EXT1"),
        (b"\x80\x02h\x07.", "makes no sense"),
        (b"\x80\x020.", "makes no sense"),
        (b"\x80\x02(((t.", "makes no sense|no tensor|never opened"),
        (b"\x80\x02K\x01Q.", "makes no sense"),
        (nested(100_000), "never opened|endless"),
        (laughs(), "endless"),
        (pickle.dumps({"a": 1}), "never opened here"),
    ],
)
def test_torch_pickles_that_make_no_sense_are_refused(write, data, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write("b.pt", archive(data)))


def test_torch_packed_members_and_missing_ones_are_listed_with_the_reason(write):
    content = torch_bytes({"w": tensor(A), "v": tensor(A)})
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            if info.filename == "model/data/0":
                new.writestr(info.filename, old.read(info), zipfile.ZIP_DEFLATED)
            elif info.filename != "model/data/1":
                new.writestr(info.filename, old.read(info))
    with pytest.raises(FileError, match="none of its 2 arrays"):
        open_matrix_file(write("p.pt", stream.getvalue()))
