from __future__ import annotations

import io
import struct
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.formats import npz
from engine.jobs import Cancelled


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def npy_bytes(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def header_bytes(shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_reads_what_numpy_wrote(tmp_path, save):
    arrays = {
        "weights": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        "layer/bias": np.arange(4, dtype=">i2"),
        "stack": np.arange(24, dtype=np.complex64).reshape(2, 3, 4),
    }
    path = tmp_path / "model.npz"
    save(path, **arrays)
    source = open_matrix_file(path)
    assert [e.name for e in source.entries] == list(arrays)
    for entry in source.entries:
        array = arrays[entry.name]
        assert (entry.shape, entry.dtype, entry.bytes) == (array.shape, array.dtype, array.nbytes)
        got = source.read(entry.name)
        np.testing.assert_array_equal(got, array)
        assert not got.flags.writeable
        with pytest.raises(ValueError, match="WRITEABLE"):
            got.flags.writeable = True
    np.testing.assert_array_equal(source.read("stack", index=(1,)), arrays["stack"][1])
    assert source.entry("stack").note == "complex numbers"


def test_npz_opening_unpacks_no_data(tmp_path):
    path = tmp_path / "zeros.npz"
    np.savez_compressed(path, a=np.zeros((2000, 2000)), b=np.zeros((2000, 2000)))
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert source.entry("a").bytes == 32_000_000


def test_npz_keeps_the_array_read_last(tmp_path, monkeypatch):
    path = tmp_path / "two.npz"
    np.savez(path, a=np.ones((3, 3)), b=np.zeros(5))
    source = open_matrix_file(path)
    first = source.read("a", rows=0)
    monkeypatch.setattr(npz, "_fill", None)
    np.testing.assert_array_equal(source.read("a", rows=1), first)


def test_npz_refuses_more_than_memory_before_allocating(write, monkeypatch):
    path = write("a.npz", zipped({"a.npy": npy_bytes(np.zeros((100, 100)))}))
    source = open_matrix_file(path)
    monkeypatch.setattr("engine.room.available_memory", lambda: 1000)
    with pytest.raises(FileError, match=r"'a' takes 80 kB of memory, 1 kB are free"):
        source.read("a")


def test_npz_bomb_that_lies_about_its_size_is_listed_as_unreadable(write):
    # The central directory is patched: a few packed bytes claim terabytes.
    content = bytearray(
        zipped({"good.npy": npy_bytes(np.ones(3)), "bomb.npy": header_bytes((2**28,))})
    )
    claim = len(header_bytes((2**28,))) + 8 * 2**28
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", claim)
    source = open_matrix_file(write("bomb.npz", bytes(content)))
    bomb = source.entry("bomb")
    assert not bomb.readable
    assert f"declares {claim:,} bytes" in bomb.note
    np.testing.assert_array_equal(source.read("good"), np.ones(3))


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (header_bytes((10**12,)), "announces 8,000,000,000,000 bytes"),
        (npy_bytes(np.array(1.0)), "single number"),
        (npy_bytes(np.array(["a"])), "text"),
        (b"not an array", "signature"),
        (b"", "signature"),
    ],
)
def test_npz_unreadable_member_leaves_the_others(write, member, reason):
    content = zipped({"bad.npy": member, "good.npy": npy_bytes(np.ones((2, 2)))})
    source = open_matrix_file(write("mixed.npz", content))
    assert [e.readable for e in source.entries] == [False, True]
    assert reason in source.entry("bad").note
    with pytest.raises(FileError, match=f"'bad' cannot be read: .*{reason}"):
        source.read("bad")
    np.testing.assert_array_equal(source.read("good"), np.ones((2, 2)))


def test_npz_object_member_is_listed_with_the_reason(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, people=np.array([{"a": 1}], dtype=object), numbers=np.arange(3))
    source = open_matrix_file(path)
    assert not source.entry("people").readable
    assert "never unpickled" in source.entry("people").note
    np.testing.assert_array_equal(source.read("numbers"), [0, 1, 2])


def test_npz_other_members_are_skipped_and_noted(write):
    content = zipped({"readme.txt": b"hello", "folder/": b"", "a.npy": npy_bytes(np.ones(2))})
    source = open_matrix_file(write("a.npz", content))
    assert [e.name for e in source.entries] == ["a"]
    assert source.notes == ("Skipped 1 that is no .npy: readme.txt.",)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_npz_members_of_one_name_stay_apart(write):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.npy", npy_bytes(np.ones(2)))
        archive.writestr("a.npy", npy_bytes(np.zeros(3)))
    source = open_matrix_file(write("twice.npz", stream.getvalue()))
    np.testing.assert_array_equal(source.read("a"), [1, 1])
    np.testing.assert_array_equal(source.read("a (2)"), [0, 0, 0])


def encrypted() -> bytes:
    content = bytearray(zipped({"a.npy": npy_bytes(np.ones(2))}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped({}), "holds no NumPy array, nothing"),
        (zipped({"word/document.xml": b"<xml>"}), "only other files .*document.xml.*Excel"),
        (zipped({"a.npy": b"junk"}), "none of its 1 arrays can be read; 'a'"),
        (encrypted(), "encrypted"),
        (zipped({"a.npy": npy_bytes(np.ones(9))}, zipfile.ZIP_BZIP2), "method NumPy does not use"),
        (b"PK\x03\x04 and then nonsense", r"zip archive is damaged \(its list of contents"),
        (zipped({"a.npy": npy_bytes(np.ones(9))})[:-30], "zip archive is damaged"),
    ],
)
def test_npz_refuses_with_a_sentence(write, content, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write("x.npz", content))


def test_npz_damaged_data_are_found_by_their_checksum(write):
    content = bytearray(zipped({"a.npy": npy_bytes(np.ones(1000))}, zipfile.ZIP_STORED))
    content[4000] ^= 1
    source = open_matrix_file(write("flipped.npz", bytes(content)))
    with pytest.raises(FileError, match=r"'a' in the archive is damaged \(the check sum"):
        source.read("a")


def test_npz_reading_can_be_cancelled(tmp_path, make_progress):
    path = tmp_path / "big.npz"
    np.savez(path, a=np.zeros(3_000_000))
    source = open_matrix_file(path)
    progress = make_progress(stop_after=2)
    with pytest.raises(Cancelled):
        source.read("a", progress=progress)
    assert len(progress.reports) == 2
    assert source.read("a").size == 3_000_000


def test_npz_many_threads_read_at_once(tmp_path):
    path = tmp_path / "many.npz"
    arrays = {f"a{i}": np.full((50, 50), float(i)) for i in range(6)}
    np.savez_compressed(path, **arrays)
    source = open_matrix_file(path)
    wrong: list[str] = []

    def work(seed: int) -> None:
        for step in range(20):
            name = f"a{(seed + step) % 6}"
            if not np.array_equal(source.read(name), arrays[name]):
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
