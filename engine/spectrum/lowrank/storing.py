"""How numbers get into files: a type that holds them, and a file whole or not at all."""

from __future__ import annotations

import errno
import importlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError, FileError
from engine.sentences import say
from engine.spectrum.linalg.norms import AnyArray

PART = ".rankscope-"  # begins the name of a file that is being written; ".part" ends it


def number_type(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """``dtype`` where factors can be stored in it."""
    with suppress(ImportError):
        # Makes the names of its types known to NumPy.
        importlib.import_module("ml_dtypes")
    allowed = "a floating or complex type, such as 'float32'"
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        hint = "bfloat16 needs the ml_dtypes package." if dtype == "bfloat16" else ""
        raise ArgumentError("dtype", dtype, allowed, hint) from None
    if wanted.kind not in "fc" and not is_short_float(wanted):
        raise ArgumentError("dtype", wanted.name, allowed)
    return wanted


def is_short_float(dtype: np.dtype[Any]) -> bool:
    """Whether it is bfloat16 or a float8, which NumPy itself does not know."""
    return dtype.kind == "V" and dtype.fields is None and "float" in dtype.name


def converted(path: Path, name: str, part: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """``part`` in the type that is stored; ``name`` and ``path`` are for the message.

    Raises
    ------
    FileError
        When a complex part would lose its phase, or the type cannot hold the numbers.
    """
    if np.iscomplexobj(part) and dtype.kind != "c":
        if name != "s":
            hint = "Choose a complex type."
            raise FileError(
                str(path), say("{name} is complex and {dtype} is not", name=name, dtype=dtype), hint
            )
        part = part.real
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(part.astype(dtype))
    if not np.all(np.isfinite(stored.astype(np.complex128))) and np.all(np.isfinite(part)):
        peak = float(np.max(np.abs(part)))
        problem = say(
            "{name} holds numbers up to {peak:.3g}, which {dtype} cannot hold",
            name=name,
            peak=peak,
            dtype=dtype,
        )
        raise FileError(str(path), problem, "Choose a wider type.")
    if np.any(part) and not np.any(stored.astype(np.complex128)):
        problem = say(
            "{name} holds numbers so small that all are 0 in {dtype}", name=name, dtype=dtype
        )
        raise FileError(str(path), problem, "Choose a wider type.")
    # ascontiguousarray makes vectors of scalars.
    return stored.reshape(part.shape)


def write_safetensors(
    stream: IO[bytes], tensors: dict[str, AnyArray], texts: dict[str, str]
) -> None:
    """Write a .safetensors file, its metadata as texts."""
    library = importlib.import_module("safetensors.numpy")
    stream.write(library.save(tensors, metadata=texts or None))


def _exists(path: Path) -> FileError:
    return FileError(str(path), "the file exists", "Choose another name or allow overwriting.")


def _cannot_be_written(path: Path, error: OSError) -> FileError:
    problem = say("cannot be written ({reason})", reason=error.strerror or str(error))
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    hint = say("Free some space or choose another disk.") if full else say("Check the folder.")
    return FileError(str(path), problem, hint)


def make_folder(folder: Path, names: Iterable[str], overwrite: bool) -> None:
    """Make ``folder`` where it is not there.

    Raises
    ------
    FileError
        When a file of these names is in it and may not be replaced, or it cannot be made.
    """
    for name in names:
        if not overwrite and (folder / name).exists():
            raise _exists(folder / name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_written(folder, error) from error


def write_atomically(path: Path, write: Callable[[IO[bytes]], None], overwrite: bool) -> None:
    """Write beside ``path``, flush to disk, then rename; leaves nothing behind on failure."""
    if path.exists() and not overwrite:
        raise _exists(path)
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=PART, suffix=".part", delete=False
        ) as stream:
            temporary = stream.name
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        _give_usual_permissions(temporary)
        if overwrite:
            os.replace(temporary, path)
        else:
            _rename_to_new(temporary, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise _cannot_be_written(path, error) from error
    finally:
        if temporary:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def _rename_to_new(temporary: str, path: Path) -> None:
    """Rename without ever replacing a file that appeared meanwhile, where links allow that."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system: look once more and rename.
        if path.exists():
            raise FileExistsError from None
        os.replace(temporary, path)


def _give_usual_permissions(name: str) -> None:
    """Temporary files are private; the finished file has the rights of any new file."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
