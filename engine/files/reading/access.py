"""What the disk says about a file: usable or not, changed or not."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from engine.errors import FileError
from engine.sentences import as_sentence, say

# One byte of deflated data stands for at most 1032 bytes (zlib technical notes): what declares
# more is lying about its size.
DEFLATE_RATIO = 1032


@dataclass(frozen=True)
class Fingerprint:
    """What tells one state of a file on disk from the next."""

    size: int
    modified_ns: int
    inode: int
    device: int


def absolute_path(path: str | os.PathLike[str]) -> str:
    """Return ``path`` as an absolute string; nothing on disk is touched.

    Examples
    --------
    >>> absolute_path("scores.npy").endswith("scores.npy")
    True
    """
    return os.path.abspath(os.fspath(path))


def stem_of(path: str) -> str:
    """Return the name of a file without its ending, and without that of gzip.

    Examples
    --------
    >>> stem_of("a/counts.mtx.gz"), stem_of("b.csv")
    ('counts', 'b')
    """
    name = Path(path).name
    return Path(name[:-3] if name.lower().endswith(".gz") else name).stem


def fingerprint(path: str) -> Fingerprint:
    """Return the state of a readable, ordinary, non-empty file.

    Raises
    ------
    FileError
        When the file is missing, a folder, a device or pipe, empty, or not accessible.
    """
    with file_errors(path):
        status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        raise _folder_error(path)
    # Opening a pipe would wait for a writer for ever, a device might never end.
    if not stat.S_ISREG(status.st_mode):
        raise FileError(
            path, "this is a device or a pipe, not an ordinary file", "Choose a file on a disk."
        )
    if status.st_size == 0:
        raise FileError(
            path, "the file is empty (0 bytes)", "Export it again, or choose another file."
        )
    return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)


def require_unchanged(path: str, known: Fingerprint) -> None:
    """Refuse to go on when the file is no longer the one that was opened.

    Raises
    ------
    FileError
        When the file was changed, replaced or removed since ``known`` was taken.
    """
    try:
        now = fingerprint(path)
    except FileError as error:
        raise FileError(
            path,
            say(
                "the file changed since it was opened ({problem})",
                problem=as_sentence(error.problem),
            ),
            "Put it back and open it again.",
        ) from error
    if now != known:
        raise FileError(
            path,
            "the file changed since it was opened; open it again",
            "Reload it to work on the new contents.",
        )


@contextmanager
def file_errors(path: str) -> Iterator[None]:
    """Turn what the operating system raises into a `FileError` with a remedy.

    Raises
    ------
    FileError
        In place of any ``OSError``, ``MemoryError`` or a path the system cannot spell.
    """
    try:
        yield
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError(
            path, "there is no such file", "Check the name, or whether the file was moved."
        ) from error
    except IsADirectoryError as error:
        raise _folder_error(path) from error
    except PermissionError as error:
        # Windows answers "permission denied" to opening a folder.
        if os.path.isdir(path):
            raise _folder_error(path) from error
        raise FileError(
            path,
            "permission to read the file is denied",
            "Change its permissions, or copy it to a folder of your own.",
        ) from error
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise _memory_error(path) from error
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise FileError(
                path,
                "too many files are open at once",
                "Close some of them, then open it again.",
            ) from error
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "") or str(error)
        raise FileError(
            path,
            say("the file cannot be read ({reason})", reason=reason),
            "Check that the disk or network drive is connected, then open it again.",
        ) from error
    except MemoryError as error:
        raise _memory_error(path) from error
    except ValueError as error:
        # os.stat and open raise a bare ValueError for a NUL in the name.
        if "\0" not in path:
            raise
        raise FileError(path, "the file name contains a NUL character", "Rename it.") from error


def _memory_error(path: str) -> FileError:
    return FileError(
        path,
        "there is not enough memory to read this",
        "Close other data, or save a smaller part of it.",
    )


def _folder_error(path: str) -> FileError:
    return FileError(path, "this is a folder, not a file", "Choose a file inside it.")


@contextmanager
def unpacked(path: str) -> Iterator[tuple[BinaryIO, IO[bytes]]]:
    """Open a file that gzip may have packed: the file itself, and the stream of what is in it."""
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not packed:
            yield raw, raw
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield raw, cast("IO[bytes]", stream)


@contextmanager
def packed_errors(path: str) -> Iterator[None]:
    """Say of what gzip packed that it is damaged.

    Raises
    ------
    FileError
        Where unpacking fails.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(
            path,
            "what gzip packed into it is damaged or cut short",
            "Copy or save it again.",
        ) from error
