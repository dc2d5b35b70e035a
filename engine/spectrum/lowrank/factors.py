"""Saving the factors of a truncation, never half-written and never over another file."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError, FileError
from engine.sentences import say
from engine.spectrum.linalg.norms import AnyArray
from engine.spectrum.lowrank.fits import check_factors
from engine.spectrum.lowrank.storing import (
    converted,
    is_short_float,
    number_type,
    write_atomically,
    write_safetensors,
)

_BLOCK_BYTES = 1 << 24
_NAMES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("usv", "plain"): ("u", "s", "vh"),
    ("ab", "plain"): ("a", "b"),
    # lora_up @ lora_down is the weight update; LoRA files keep no separate singular values.
    ("ab", "lora"): ("lora_up.weight", "lora_down.weight"),
}


class Factors(Protocol):
    """What is saved: anything with the three factors, such as a ``LowRank``."""

    @property
    def u(self) -> AnyArray:
        """Left singular vectors, shape (m, r)."""
        ...

    @property
    def s(self) -> AnyArray:
        """Singular values, shape (r,)."""
        ...

    @property
    def vh(self) -> AnyArray:
        """Right singular vectors, transposed, shape (r, n)."""
        ...


def save_factors(
    path: str | os.PathLike[str],
    lowrank: Factors,
    *,
    form: str = "usv",
    naming: str = "plain",
    dtype: npt.DTypeLike | None = None,
    metadata: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the factors of a low-rank approximation to a .npz or .safetensors file.

    The file is written beside its place under a temporary name and renamed when complete, so that
    a reader finds the old file, or the new one, and nothing between.

    Parameters
    ----------
    path : path-like
        Ends in ``.npz`` or ``.safetensors``.
    lowrank : object with ``u`` (m, r), ``s`` (r,) and ``vh`` (r, n)
        What to save.
    form : {"usv", "ab"}
        Three factors, or two: ``a = u sqrt(s)`` and ``b = sqrt(s) vh``, so that ``a @ b`` is the
        approximation and both have the same norm.
    naming : {"plain", "lora"}
        ``u, s, vh`` / ``a, b``, or ``lora_up.weight``, ``lora_down.weight`` (form "ab" only) with
        an ``alpha`` equal to the rank, which makes a LoRA loader's scale 1.
    dtype : dtype, optional
        Type of the stored numbers, floating or complex; that of the factors by default. Give the
        data's own type. ``"bfloat16"`` needs the ml_dtypes package; .npz has no such type, so
        there the rounded numbers are kept as float32 and the metadata say ``dtype: bfloat16``.
    metadata : mapping, optional
        Rank rule, error, hash of the source and the like; values as text or JSON. In .npz it is
        the entry ``metadata``, a JSON text.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ArgumentError
        If ``form``, ``naming``, ``dtype`` or the factors' shapes do not fit.
    FileError
        If the suffix is unknown, the file exists, the numbers do not fit ``dtype``, the folder
        cannot be written to, or the safetensors package is missing.

    References
    ----------
    Hu et al., LoRA, ICLR (2022), section 4.1: scale alpha / r; the safetensors format, Hugging
    Face (2022).

    Examples
    --------
    >>> import tempfile, types, numpy as np
    >>> f = types.SimpleNamespace(u=np.eye(2, 1), s=np.array([4.0]), vh=np.eye(1, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_factors(folder + "/f.npz", f, form="ab", metadata={"rule": "energy"})
    ...     with np.load(file) as stored:
    ...         names, a = sorted(stored), stored["a"].tolist()
    >>> names, a
    (['a', 'b', 'metadata'], [[2.0], [0.0]])
    """
    target = Path(path)
    writer = _writer(target)
    tensors = _tensors(target, lowrank, form, naming, dtype)
    if writer is _write_npz:
        tensors, metadata = _as_numpy_types(tensors, metadata or {})
    texts = {
        str(k): v if isinstance(v, str) else json.dumps(v) for k, v in (metadata or {}).items()
    }
    write_atomically(target, lambda stream: writer(stream, tensors, texts), overwrite)
    return target


def save_product(
    path: str | os.PathLike[str],
    lowrank: Factors,
    *,
    dtype: npt.DTypeLike | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the product ``u diag(s) vh`` itself to a .npy file, by rows: never whole in memory.

    Parameters
    ----------
    path : path-like
        Ends in ``.npy``.
    lowrank : object with ``u`` (m, r), ``s`` (r,) and ``vh`` (r, n)
        What to multiply.
    dtype, overwrite
        As for `save_factors`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ArgumentError, FileError
        As `save_factors` does.

    Examples
    --------
    >>> import tempfile, types, numpy as np
    >>> f = types.SimpleNamespace(u=np.eye(2, 1), s=np.array([4.0]), vh=np.eye(1, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.load(save_product(folder + "/f.npy", f)).tolist()
    [[4.0, 0.0], [0.0, 0.0]]
    """
    target = Path(path)
    (u, s, vh), wanted = _checked(lowrank, dtype)
    if is_short_float(wanted):
        wanted = np.dtype(np.float32)  # what .npy has no name for fits into it
    step = rows_at_once(vh.shape[1])
    head = {"descr": np.lib.format.dtype_to_descr(wanted), "fortran_order": False}

    def write(stream: IO[bytes]) -> None:
        np.lib.format.write_array_header_2_0(stream, {**head, "shape": (len(u), vh.shape[1])})
        for first in range(0, len(u), step):
            part = (u[first : first + step] * s) @ vh
            stream.write(converted(target, say("the product"), part, wanted).tobytes())

    write_atomically(target, write, overwrite)
    return target


def rows_at_once(columns: int) -> int:
    """How many rows of so many complex numbers are at hand at a time, at least one.

    Examples
    --------
    >>> rows_at_once(1 << 16), rows_at_once(1 << 30)
    (16, 1)
    """
    return max(1, _BLOCK_BYTES // (16 * max(1, columns)))


def _tensors(
    path: Path, lowrank: Factors, form: str, naming: str, dtype: npt.DTypeLike | None
) -> dict[str, AnyArray]:
    """The arrays to store by name, converted and checked against overflow."""
    if form not in ("usv", "ab"):
        raise ArgumentError("form", form, "'usv' or 'ab'")
    if (form, naming) not in _NAMES:
        allowed = say("'{name}'", name="plain") if form == "usv" else say("'plain' or 'lora'")
        raise ArgumentError(
            "naming",
            naming,
            say("{allowed} for form {form!r}", allowed=allowed, form=form),
        )
    (u, s, vh), wanted = _checked(lowrank, dtype)
    if form == "usv":
        parts: tuple[AnyArray, ...] = (u, s, vh)
    else:
        root = np.sqrt(s)
        parts = (u * root, root[:, None] * vh)
    tensors = {
        name: converted(path, name, part, wanted)
        for name, part in zip(_NAMES[form, naming], parts, strict=True)
    }
    if naming == "lora":
        tensors["alpha"] = np.asarray(float(s.size), dtype=wanted)
    return tensors


def _checked(
    lowrank: Factors, dtype: npt.DTypeLike | None
) -> tuple[tuple[AnyArray, AnyArray, AnyArray], np.dtype[Any]]:
    """The three factors, and the type that is to be stored."""
    parts = check_factors(lowrank.u, lowrank.s, lowrank.vh)
    return parts, np.result_type(*parts) if dtype is None else number_type(dtype)


def _as_numpy_types(
    tensors: dict[str, AnyArray], metadata: Mapping[str, Any]
) -> tuple[dict[str, AnyArray], Mapping[str, Any]]:
    """What .npz can hold: bfloat16 would come back as raw bytes, float32 holds its every value."""
    short = {part.dtype.name for part in tensors.values() if is_short_float(part.dtype)}
    if not short:
        return tensors, metadata
    wide = {name: part.astype(np.float32) for name, part in tensors.items()}
    return wide, {"dtype": short.pop(), **metadata}


Writer = Callable[[IO[bytes], dict[str, AnyArray], dict[str, str]], None]


def _writer(path: Path) -> Writer:
    """The writer for the suffix; fails before anything is computed or opened."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return _write_npz
    if suffix != ".safetensors":
        hint = "Use .npz or .safetensors."
        raise FileError(
            str(path),
            say("factors cannot be saved as {suffix}", suffix=suffix or say("a nameless type")),
            hint,
        )
    try:
        importlib.import_module("safetensors.numpy")
    except ImportError:
        hint = "Install it (pip install safetensors) or save as .npz."
        raise FileError(str(path), "the safetensors package is not installed", hint) from None
    return write_safetensors


def _write_npz(stream: IO[bytes], tensors: dict[str, AnyArray], texts: dict[str, str]) -> None:
    entries: dict[str, Any] = dict(tensors)
    if texts:
        entries["metadata"] = np.array(json.dumps(texts))
    np.savez(stream, **entries)
