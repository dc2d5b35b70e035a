"""One matrix of a checkpoint computed: its spectrum, and the row that describes it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix, read_matrix
from engine.checkpoint.requests import MatrixRequest, Row, Rules, rule_labels
from engine.checkpoint.sweeping.carried import Carried, pack
from engine.errors import ArgumentError, FileError, RankscopeError
from engine.files import MatrixSource, is_sparse, open_apart
from engine.files.reading.access import Fingerprint, fingerprint
from engine.jobs import Cancelled, Progress
from engine.sentences import one_of, say
from engine.spectrum import (
    RANK_RULES,
    Factored,
    Spectrum,
    describe,
    estimate_bytes,
    estimate_seconds,
    singular_values,
)

# Part of every key: rows of another way of computing are not those of this one.
VERSION = "1"
_HASHED = 1 << 24  # bytes at a time
_OPEN = 4  # files kept open by a process
_OVERHEAD = 0.003  # seconds of a row besides its spectrum: reading, descriptors, rules
_READ = 2e-9  # and of a number: read and hashed


@dataclass(frozen=True, eq=False)
class Found:
    """What a worker answers.

    Attributes
    ----------
    row : Row
        Of a matrix whose key was known before, nothing but the key.
    spectrum : Spectrum or None
        What the row was made of; None where there is a problem, or the key was known.
    """

    row: Row
    spectrum: Spectrum | None = None


@dataclass(frozen=True)
class RowTask:
    """A request as a task of `engine.checkpoint.sweeping.ways`; its answer is `Found`."""

    request: MatrixRequest
    carried: Carried | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that its numbers lie in."""
        return self.request.matrix.path, *self.request.matrix.files

    @property
    def seconds(self) -> float:
        """About how long it takes one core."""
        return estimate(self.request)

    @property
    def room(self) -> int:
        """About how many bytes of memory it takes."""
        return room_of(self.request)

    def run(self, known: Collection[str], progress: Progress | None = None) -> Found:
        """Return the row, its key alone where that is known."""
        if self.carried is None:
            return find(self.request, known, progress)
        return find(self.request, (), progress, self.carried.read(self.request.matrix))

    def carrying(self, progress: Progress | None = None) -> RowTask:
        """Return the task with its numbers."""
        return RowTask(self.request, Carried(pack(numbers(self.request.matrix, progress))))

    def learnt(self, answer: Found) -> str:
        """Return the key of a row that was computed."""
        return answer.row.key if answer.spectrum is not None else ""

    def lost(self, problem: str) -> Found:
        """Return the row of a problem."""
        return Found(replace(empty_row(self.request.matrix), problem=problem))


def run(request: MatrixRequest, progress: Progress | None = None) -> Row:
    """Compute the row of one matrix.

    Parameters
    ----------
    request : MatrixRequest
    progress : Progress, optional
        Asked whether to stop.

    Returns
    -------
    Row
        With a ``problem`` where the matrix cannot be read or computed.

    Raises
    ------
    ArgumentError
        When a rule is not known, or its parameters are not allowed.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from engine.checkpoint import open_checkpoint
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(pathlib.Path(folder, "model.npz"), q=np.diag([3.0, 4.0]))
    ...     (matrix,) = open_checkpoint(folder).matrices
    ...     row = run(MatrixRequest(matrix, rules=(("energy", 0.5),)))
    >>> row.spectral_norm, row.stable_rank, dict(row.ranks)
    (4.0, 1.5625, {'energy': 1})
    """
    check_rules(request.rules)
    return find(request, progress=progress).row


def estimate(request: MatrixRequest | Iterable[MatrixRequest]) -> float:
    """Return about how many seconds of one core the rows of requests take, within a factor of 3.

    Examples
    --------
    >>> from engine.checkpoint import Matrix, role_of
    >>> q = Matrix("q", "m", "q", None, (512, 512), "float32", role_of("q"))
    >>> 0.01 < estimate(MatrixRequest(q)) < 1.0
    True
    """
    if not isinstance(request, MatrixRequest):
        return sum(map(estimate, request))
    matrix = request.matrix
    rows, columns = matrix.shape
    return _OVERHEAD + _READ * rows * columns + estimate_seconds(matrix.shape, _dtype(matrix.dtype))


def room_of(request: MatrixRequest) -> int:
    """Return about how many bytes the row of a request takes: the matrix and its decomposition.

    Examples
    --------
    >>> from engine.checkpoint import Matrix, role_of
    >>> q = Matrix("q", "m", "q", None, (512, 512), "float32", role_of("q"))
    >>> 2e6 < room_of(MatrixRequest(q)) < 1e8
    True
    """
    rows, columns = request.matrix.shape
    kind = _dtype(request.matrix.dtype)
    return 2 * rows * columns * kind.itemsize + estimate_bytes(request.matrix.shape, kind)


def _dtype(name: str) -> np.dtype[Any]:
    try:
        return np.dtype(name)
    except TypeError:  # of ml_dtypes: as exact in float32 as this one
        return np.dtype(np.float16)


def check_rules(rules: Rules) -> None:
    """Refuse a rule that is not known, or whose parameters are not allowed.

    Raises
    ------
    ArgumentError
    """
    for rule in rules:
        key, *parameters = rule
        if key not in RANK_RULES:
            raise ArgumentError("rules", key, one_of(RANK_RULES))
        RANK_RULES[key].filled(tuple(parameters), {})


def find(
    request: MatrixRequest,
    known: Iterable[str] = (),
    progress: Progress | None = None,
    array: Any = None,
) -> Found:
    """Return the row of a matrix with its spectrum; only its key where that is among ``known``.

    Numbers that are at hand already may be given as ``array``.
    """
    began = time.perf_counter()
    matrix, key = request.matrix, ""
    try:
        if array is None:
            array = numbers(matrix, progress)
        key = content_key(array)
        if key in known:
            return Found(replace(empty_row(matrix), key=key))
        spectrum = singular_values(array, progress=progress)
        row = make_row(request, spectrum, key)
        if isinstance(array, Factored):
            row = replace(row, parameters=array.rank * sum(array.shape))
        return Found(replace(row, seconds=time.perf_counter() - began), spectrum)
    except Cancelled:
        raise
    except RankscopeError as error:
        problem: str = error.sentence
    except MemoryError:
        problem = say("There is not enough memory to compute this matrix.")
    except Exception as error:  # one matrix must not end the work on all the others
        text = "An unexpected error ({kind}: {reason}). Please report it as a bug."
        problem = say(text, kind=type(error).__name__, reason=str(error))
    row = replace(empty_row(matrix), key=key, problem=problem)
    return Found(replace(row, seconds=time.perf_counter() - began))


def empty_row(matrix: Matrix) -> Row:
    """Return the row of a matrix of which nothing is known yet but what its name and place say."""
    role, (rows, columns) = matrix.role, matrix.shape
    return Row(
        *(matrix.name, role.layer, role.stack, role.role, role.expert, matrix.shape, matrix.dtype),
        parameters=rows * columns,
    )


def make_row(request: MatrixRequest, spectrum: Spectrum, key: str) -> Row:
    """Return the row that a spectrum makes."""
    about = describe(spectrum)
    names = rule_labels(request.rules)
    ranks = {
        name: RANK_RULES[rule[0]](spectrum, *rule[1:]).rank
        for name, rule in zip(names, request.rules, strict=True)
    }
    alpha_hat = None
    if about.alpha is not None and about.spectral_norm > 0.0:
        alpha_hat = about.alpha * 2.0 * float(np.log10(about.spectral_norm))
    return replace(
        empty_row(request.matrix),
        spectral_norm=about.spectral_norm,
        frobenius_norm=about.frobenius_norm,
        stable_rank=about.stable_rank,
        effective_rank=np.nan if about.effective_rank is None else about.effective_rank,
        participation_ratio=about.participation_ratio,
        numerical_rank=about.numerical_rank,
        condition_number=about.condition_number,
        alpha=about.alpha,
        ks_distance=about.ks_distance,
        tail_size=about.tail_size,
        ranks=ranks,
        snr=signal_to_noise(spectrum),
        alpha_hat=alpha_hat,
        method=spectrum.method,
        error_bound=spectrum.error_bound,
        key=key,
        values=spectrum.values,
    )


def signal_to_noise(spectrum: Spectrum) -> float:
    """Return the sum of the values above the Marchenko-Pastur edge over that of those below / s1.

    NaN where the median of the values does not tell the noise; inf where nothing is below the edge.

    References
    ----------
    Hartford et al., "Spectrum: Targeted Training on Signal to Noise Ratio", arXiv 2406.06623, with
    the edge of the law fitted by the median.
    """
    choice = RANK_RULES["mp_edge"](spectrum)
    values = spectrum.values
    if choice.cut is None or not values.size or values[0] == 0.0:
        return float(np.nan)
    scaled = values / values[0]
    noise = float(scaled[choice.rank :].sum())
    signal = float(scaled[: choice.rank].sum())
    with np.errstate(over="ignore"):
        return float(np.float64(signal / noise) / values[0]) if noise else float(np.inf)


def content_key(array: Any) -> str:
    """Return SHA-256 of an array's numbers, type and shape, as hexadecimal text.

    Examples
    --------
    >>> a = np.eye(3, dtype=np.float32)
    >>> content_key(a) == content_key(np.asfortranarray(a)), content_key(a) == content_key(2 * a)
    (True, False)
    """
    digest = hashlib.sha256(f"{VERSION} {array.dtype.name} {array.shape}".encode())
    for part in _parts(array):
        step = max(1, _HASHED // max(1, part[:1].nbytes))
        for start in range(0, part.shape[0], step):
            block = np.ascontiguousarray(part[start : start + step])
            digest.update(block.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _parts(array: Any) -> tuple[Any, ...]:
    if isinstance(array, Factored):
        return array.left, array.right
    if is_sparse(array):
        ordered = array.tocsr()
        ordered.sort_indices()
        return ordered.data, ordered.indices, ordered.indptr
    return (array,)


def numbers(matrix: Matrix, progress: Progress | None = None) -> Any:
    """Return the numbers of a matrix as they lie in its file, a product as its factors."""
    return _sources.read(matrix, _factors_or_numbers, progress)


def stored(matrix: Matrix, progress: Progress | None = None) -> Any:
    """Return the numbers of a matrix as `Checkpoint.read` does, of the file that it names."""
    return _sources.read(matrix, read_matrix, progress)


def _factors_or_numbers(
    source: MatrixSource, matrix: Matrix, progress: Progress | None = None
) -> Any:
    if not matrix.transform:
        factors = source.factors(matrix.entry, matrix.index, progress)
        if factors is not None:
            return Factored(*factors)
    return read_matrix(source, matrix, progress)


class _Sources:
    """The files opened last in this process; one that has changed is opened again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[Fingerprint, MatrixSource]] = OrderedDict()

    def read(
        self, matrix: Matrix, way: Callable[..., Any], progress: Progress | None = None
    ) -> Any:
        """Return what ``way`` reads of a matrix in the file that it names."""
        try:
            return way(self._get(matrix.path), matrix, progress)
        except FileError:
            # Perhaps another version of a shard lies there than when it was opened.
            return way(self._get(matrix.path, again=True), matrix, progress)

    def _get(self, path: str, again: bool = False) -> MatrixSource:
        now = fingerprint(path)
        with self._lock:
            known = self._open.pop(path, None)
            if again or known is None or known[0] != now:
                known = now, open_apart(path)
            self._open[path] = known
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
            return known[1]


_sources = _Sources()
