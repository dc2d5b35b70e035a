"""The factors of a whole budget in files, with the error of what was saved."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.checkpoint.listing import Checkpoint, Matrix, open_checkpoint
from engine.checkpoint.whitening import whitened_svd
from engine.errors import ArgumentError
from engine.files import open_matrix_file
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum import LowRank, truncated_svd
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.lowrank.storing import (
    converted,
    make_folder,
    number_type,
    write_atomically,
    write_safetensors,
)

INDEX = "factors.safetensors.index.json"
_SHARD_BYTES = 1 << 30
_KEPT_TYPES = ("float16", "bfloat16", "float32")


@dataclass(frozen=True)
class SavedFactors:
    """The factors of one matrix, as they were read back.

    Attributes
    ----------
    name : str
        Of the matrix; the file holds ``NAME.a`` (m, r) and ``NAME.b`` (r, n).
    rank : int
        0 for what is left out whole: no file holds it.
    error : float
        ``||W - a b||_F`` of the rounded factors is at most this.
    floor : float
        The same of the factors before they were rounded.
    relative : float
        ``error / ||W||_F``; 0 for a matrix of zeros.
    """

    name: str
    rank: int
    error: float
    floor: float
    relative: float


@dataclass(frozen=True)
class FactorsReport:
    """What was saved.

    Attributes
    ----------
    folder : str
    matrices : tuple of SavedFactors
    dense : tuple of str
        Matrices that stay as they are, in the model's own files.
    error : float
        ``sqrt(sum error^2)`` over all matrices.
    """

    folder: str
    matrices: tuple[SavedFactors, ...]
    dense: tuple[str, ...]
    error: float


def save_budget(
    model: Checkpoint | str | os.PathLike[str],
    ranks: Mapping[str, int | None],
    folder: str | os.PathLike[str],
    covariances: Mapping[str, npt.ArrayLike] | None = None,
    dtype: npt.DTypeLike | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> FactorsReport:
    """Write the factors ``W ~ a b`` of every matrix that a budget cuts to a rank.

    Shards of at most about 1 GB beside an index, which `open_checkpoint` opens. ``a`` is
    ``U_r S_r^{1/2}`` and ``b`` is ``S_r^{1/2} V_r^T``.

    Parameters
    ----------
    model : Checkpoint, str or path-like
    ranks : mapping of str to (int or None)
        By name of the matrix, such as ``dict(zip(names, budget.ranks))``; None stays dense.
    folder : str or path-like
        Made where it is not there.
    covariances : mapping of str to array_like, optional
        ``X X^T`` of the inputs of a matrix, by its name: it is cut by `whitened_svd` then. The
        errors stay those of the weights.
    dtype : dtype, optional
        Of the factors; by default that of the matrix where it is a 16- or 32-bit float, else
        float32.
    overwrite : bool
        Whether files of these names may be replaced.
    progress : Progress, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    FactorsReport

    Raises
    ------
    ArgumentError
        For a name that the model has not, a rank out of range, or an unfit type or covariance.
    DataError
        When a matrix holds NaN or infinity.
    FileError
        When the model cannot be read, or the folder holds factors or cannot be written to.
    Cancelled
        When ``progress`` asks to stop; shards so far stay, without an index.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "model.npz")
    ...     np.savez(file, q=np.diag([3.0, 2.0, 0.5]), k=np.eye(3))
    ...     report = save_budget(file, {"q": 2, "k": None}, folder + "/factors")
    >>> report.dense, round(report.matrices[0].floor, 12), round(report.error, 6)
    (('k',), 0.5, 0.5)
    """
    found = model if isinstance(model, Checkpoint) else open_checkpoint(model)
    known = {one.name: one for one in found.matrices}
    for name, rank in ranks.items():
        if name not in known:
            raise ArgumentError("ranks", name, say("names of matrices of the model"))
        if rank is not None:
            check_rank("ranks", rank, min(known[name].shape))
    if dtype is not None:
        number_type(dtype)
    writer = _Shards(Path(os.fspath(folder)), overwrite)
    floors: dict[str, float] = {}
    cut = [(known[name], rank) for name, rank in ranks.items() if rank is not None]
    for number, (matrix, rank) in enumerate(cut):
        checkpoint(progress, number / max(len(cut), 1), "Factors of {name}", name=matrix.name)
        weight = finite_matrix("matrix", found.read(matrix, progress))
        if rank == 0:
            floors[matrix.name] = float(np.linalg.norm(weight))
            continue
        covariance = (covariances or {}).get(matrix.name)
        factors = _factors(weight, matrix, rank, covariance, progress)
        root = np.sqrt(factors.s)
        parts = {"a": factors.u * root, "b": root[:, None] * factors.vh}
        writer.add(matrix, parts, number_type(dtype or _type_of(matrix)))
        floors[matrix.name] = _distance(weight, parts["a"], parts["b"])
    writer.finish()
    saved = tuple(_measured(writer, found, cut, floors))
    dense = tuple(name for name, rank in ranks.items() if rank is None)
    return FactorsReport(str(writer.folder), saved, dense, math.hypot(*(s.error for s in saved)))


def _factors(
    weight: Any, matrix: Matrix, rank: int, covariance: Any, progress: Progress | None
) -> LowRank:
    if covariance is None:
        return truncated_svd(weight, rank, progress=progress)
    if matrix.role.orientation == "out_in":
        return whitened_svd(weight, covariance, rank)
    turned = whitened_svd(weight.T, covariance, rank)
    angles, errors = turned.angles, turned.errors
    return LowRank(
        *(turned.vh.T, turned.s, turned.u.T, turned.residual_frobenius, turned.residual_spectral),
        *(turned.method, turned.complete, turned.note, errors, angles),
    )


def _type_of(matrix: Matrix) -> str:
    return matrix.dtype if matrix.dtype in _KEPT_TYPES else "float32"


def _distance(weight: Any, a: Any, b: Any) -> float:
    return float(np.linalg.norm(weight - a @ b))


class _Shards:
    """Files of about a gigabyte, and the index that names them; written as they fill."""

    def __init__(self, folder: Path, overwrite: bool) -> None:
        self.folder = folder
        self._overwrite = overwrite
        self._parts: dict[str, Any] = {}
        self._bytes = 0
        self._places: dict[str, str] = {}
        make_folder(folder, (INDEX,), overwrite)
        self._count = 0

    def add(self, matrix: Matrix, parts: Mapping[str, Any], dtype: np.dtype[Any]) -> None:
        """Keep the factors of a matrix; write what fills a file."""
        for side, part in parts.items():
            key = f"{matrix.name}.{side}"
            self._parts[key] = converted(self.folder, key, part, dtype)
            self._bytes += self._parts[key].nbytes
        if self._bytes >= _SHARD_BYTES:
            self._write()

    def finish(self) -> None:
        """Write the rest, and the index."""
        self._write()
        text = json.dumps({"weight_map": self._places}, indent=1).encode()

        def write(stream: IO[bytes]) -> None:
            stream.write(text)

        write_atomically(self.folder / INDEX, write, self._overwrite)

    def read(self, name: str) -> tuple[Any, Any]:
        """Return the factors of a matrix as the file holds them, in float64."""
        with open_matrix_file(str(self.folder / self._places[f"{name}.a"])) as source:
            a, b = (np.asarray(source.read(f"{name}.{side}"), np.float64) for side in "ab")
        return a, b

    def _write(self) -> None:
        if not self._parts:
            return
        self._count += 1
        name, parts = f"factors-{self._count:05}.safetensors", self._parts
        write_atomically(
            self.folder / name, lambda stream: write_safetensors(stream, parts, {}), self._overwrite
        )
        self._places |= dict.fromkeys(parts, name)
        self._parts, self._bytes = {}, 0


def _measured(
    shards: _Shards, model: Checkpoint, cut: list[tuple[Matrix, int]], floors: Mapping[str, float]
) -> Iterator[SavedFactors]:
    for matrix, rank in cut:
        weight = finite_matrix("matrix", model.read(matrix))
        size = float(np.linalg.norm(weight))
        error = size
        if rank > 0:
            a, b = shards.read(matrix.name)
            rounding = (rank + 16.0) * 2.0**-52 * (size + float(np.linalg.norm(a)) ** 2)
            error = _distance(weight, a, b) + rounding
        relative = error / size if size > 0.0 else 0.0
        yield SavedFactors(matrix.name, rank, error, floors[matrix.name], relative)
