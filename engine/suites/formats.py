"""What every format promises, whatever is in a file: numbers, or a `FileError`."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.errors import FileError
from engine.files.reading.source import Format, MatrixSource
from engine.files.registry import FORMATS, open_matrix_file
from engine.suites.check import Check

__all__ = ["FORMAT_CHECKS", "usable"]

_TRIES = 60


def usable(path: str | Path) -> bool:
    """Open a file and read all of it: True if that worked, False if a `FileError` says why not."""
    try:
        source = open_matrix_file(path)
    except FileError:
        return False
    worked = True
    assert source.entries, "a file without an array was opened"
    for entry in source.entries:
        try:
            array = source.read(entry.name)
        except FileError:
            worked = False
        else:
            found = (array.shape, array.dtype)
            assert found == (entry.shape, entry.dtype), f"{entry.name} is listed as another array"
    return worked


def record_says_what_it_is(known: Format) -> None:
    """It has a title, endings with a dot in lower case, and a key of its own."""
    assert known.title
    assert known.suffixes, "it names no ending"
    for suffix in known.suffixes:
        assert suffix[:1] == ".", f"{suffix!r} has no dot"
        assert suffix == suffix.lower(), f"{suffix!r} is not lower case"
    found = FORMATS.get(known.key)
    assert found is not None, "it is not found by its key"
    assert found.title == known.title


def a_whole_file_is_read(known: Format) -> None:
    """Of the sample: 0 to 11 as 3 x 4, the same in another process and at every reading."""
    if not known.sample:
        return

    def check(path: Path) -> None:
        source = open_matrix_file(path)
        assert source.format.key == known.key, f"it was opened as {source.format.title}"
        _holds_twelve(source)
        _holds_twelve(pickle.loads(pickle.dumps(source)))
        assert len(source.sha256()) == 64

    _with_file(known, known.sample, check)


def a_file_cut_at_any_length_is_numbers_or_refused(known: Format) -> None:
    """The sample, cut at up to sixty lengths, none at all among them."""
    size = len(known.sample)
    for length in range(0, size, max(1, size // _TRIES)) or (0,):
        _with_file(known, known.sample[:length], usable)


def a_file_with_flipped_bits_is_numbers_or_refused(known: Format) -> None:
    """The sample with up to three bits changed, sixty times."""
    if not known.sample:
        return
    rng = np.random.default_rng(len(known.sample))
    for _ in range(_TRIES):
        damaged = bytearray(known.sample)
        for place in rng.integers(0, len(damaged), size=rng.integers(1, 4)):
            damaged[place] ^= 1 << int(rng.integers(0, 8))
        _with_file(known, bytes(damaged), usable)


def bytes_at_random_are_numbers_or_refused(known: Format) -> None:
    """1 to 1000 of them under the format's ending."""
    rng = np.random.default_rng(11)
    for size in (1, 2, 3, 10, 100, 1000):
        _with_file(known, rng.bytes(size), usable)


def _holds_twelve(source: MatrixSource) -> None:
    """Assert that one of the arrays is 0 to 11 as 3 x 4."""
    twelve = np.arange(12.0).reshape(3, 4)
    found = (source.read(entry.name) for entry in source.entries if entry.shape == (3, 4))
    said = "no array of the sample is 0 to 11 as 3 x 4"
    assert any(np.array_equal(np.asarray(array, dtype=float), twelve) for array in found), said


def _with_file(known: Format, content: bytes, check: Callable[[Path], object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"sample{known.suffixes[0]}")
        path.write_bytes(content)
        check(path)


FORMAT_CHECKS: tuple[Check, ...] = (
    record_says_what_it_is,
    a_whole_file_is_read,
    a_file_cut_at_any_length_is_numbers_or_refused,
    a_file_with_flipped_bits_is_numbers_or_refused,
    bytes_at_random_are_numbers_or_refused,
)
