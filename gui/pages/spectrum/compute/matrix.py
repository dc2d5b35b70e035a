"""From the chosen array to its singular values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from gui.core.declare.marks import answer_of, given
from gui.core.declare.parameter import choice
from gui.core.declare.records import Step
from gui.core.state.document import Opened, read_matrix
from gui.core.state.missing import bad_counts, nothing_left
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis, analyse

if TYPE_CHECKING:
    from engine.files import FiniteReport
    from engine.jobs import Progress
    from engine.spectrum import Spectrum

LEADING = 64
# Singular vectors of a sparse matrix may take so many bytes; at least a few pairs are computed.
_VECTOR_BYTES = 1 << 26
_FEW = 8

Method = Literal["auto", "svd", "gram", "stream", "verified"]
METHODS: Mapping[Method, str] = {
    "auto": "automatic",
    "svd": "direct SVD",
    "gram": "Gram matrix, float64",
    "stream": "streamed by rows",
    "verified": "verified: certain intervals",
}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A matrix at hand, (m, n) and read-only; a memory map stays one.

    ``array`` is dense, or where `engine.files.is_small` says no a sparse array of SciPy, or the
    `engine.spectrum.Factored` of two factors: these are never written out.
    """

    data: Opened
    array: Any

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.array.shape[0], self.array.shape[1]

    @property
    def form(self) -> Literal["dense", "sparse", "product"]:
        """What ``array`` is."""
        from engine.files import is_sparse

        if is_sparse(self.array):
            return "sparse"
        return "dense" if hasattr(self.array, "ndim") else "product"

    @property
    def stored(self) -> int:
        """How many entries a sparse matrix stores, one without any as 1; 0 for others."""
        return max(int(self.array.nnz), 1) if self.form == "sparse" else 0

    @property
    def pairs(self) -> int:
        """How many singular pairs there can be: those of factors, few of a sparse matrix; or 0."""
        if self.form == "sparse":
            room = _VECTOR_BYTES // (8 * sum(self.shape))
            return min(LEADING, max(room, _FEW), *self.shape)
        return int(self.array.rank) if self.form == "product" else 0

    @property
    def has_all(self) -> bool:
        """Whether all singular values can be computed: not of a sparse matrix of high order."""
        from engine.spectrum import SPARSE_ORDER

        return self.form != "sparse" or min(self.shape) <= SPARSE_ORDER

    def seconds(self, method: str = "auto", rank: int | None = None) -> float:
        """Seconds that singular values take, about."""
        from engine.spectrum import estimate_seconds

        m, n = self.shape
        if self.form == "product":
            return 1e-9 * (m + n) * self.pairs**2
        asked = {"method": method} if rank is None else {"rank": rank}
        return float(estimate_seconds((m, n), self.array.dtype, stored=self.stored, **asked))

    def require_room(self, method: str = "auto", **wanted: Any) -> None:
        """Ask before a decomposition takes much memory; see `require_room`."""
        from engine.spectrum.linalg.matrix import is_mapped

        if self.form != "product":
            mapped = self.form == "dense" and is_mapped(self.array)
            wanted = {"stored": self.stored, "is_memmap": mapped, **wanted}
            require_room(self.data, self.shape, self.array.dtype, method, **wanted)


def require_room(
    data: Opened, shape: tuple[int, int], dtype: Any, method: str = "auto", **wanted: Any
) -> None:
    """Ask before the decomposition of an array takes more than a share of what is free.

    Raises
    ------
    engine.room.TooLarge
    """
    from engine import room
    from engine.spectrum import estimate_bytes

    needed = estimate_bytes(shape, dtype, method, **wanted)
    hint = tr("Choose a part of it, fewer values, or save it as float32.")
    what = tr("The decomposition of {name}", name=data.title)
    room.require_room(data.ref.path, needed, what, hint)


class Load(Step, key="loaded", title="Reading the matrix", keep=4):
    """Read the chosen array; replacing bad entries copies it."""

    data: Opened = given(Opened)

    def run(self, progress: Progress | None = None) -> Loaded:
        """Return the matrix; a vector of n numbers becomes 1 x n."""
        return load(self.data, progress)


def load(data: Opened, progress: Progress | None = None) -> Loaded:
    """Read the array of ``data``.

    Raises
    ------
    engine.errors.RankscopeError
        When it cannot be read, or has no entries.
    """
    # Imported here, off the GUI thread, which asks it for an estimate of the cost next.
    import engine.spectrum  # noqa: F401
    from engine.errors import DataError
    from engine.files import lock, replace_nonfinite

    if min(data.ref.shape, default=0) == 0:
        raise DataError(tr("{name} has no entries: nothing to show.", name=data.title))
    loaded = Loaded(data.plain, _read(data, progress))
    if data.repair in ("zero", "column_mean") and loaded.form != "product":
        if loaded.form == "dense":
            _require_copy(data, loaded.array)
        repaired = lock(replace_nonfinite(loaded.array, data.repair, progress))
        loaded = Loaded(data.plain, repaired)
    return loaded


def _read(data: Opened, progress: Progress | None) -> Any:
    """Return the matrix dense, unless it is large and something less than that is stored.

    Rows that are left out are not in it.
    """
    from engine.errors import DataError
    from engine.files import is_small, is_sparse, lock, to_dense
    from engine.spectrum import Factored

    ref, source, rows = data.ref, data.source, data.rows
    if rows is not None and not rows.kept.size:
        raise DataError(nothing_left(data), rows.left_out)
    small = is_small(ref.matrix_shape)
    # Of a stack of products a view need not be one of them; rows are left out of the product.
    if not small and not ref.view and rows is None:
        factors = source.factors(ref.entry, ref.index or None, progress)
        if factors is not None and factors[0].ndim == factors[1].ndim == 2:
            product = Factored(*factors)
            # Where NaN or infinity of a factor end up is seen in the product alone.
            if product.is_finite:
                return product
    matrix = read_matrix(ref, source, progress)
    if small or not is_sparse(matrix):
        matrix = to_dense(matrix)
    if rows is None:
        return matrix
    if not is_sparse(matrix):
        _require_copy(data, matrix)
    return lock(data.without_left_out(matrix))


def _require_copy(data: Opened, array: Any) -> None:
    from engine.room import require_room

    hint = tr("Replace its NaN and infinity in the file instead.")
    what = tr("A copy of {name}", name=data.title)
    require_room(data.ref.path, array.nbytes, what, hint)


class Check(Step, key="checked", title="Looking for NaN and infinity", keep=4):
    """Let a matrix of finite numbers through; nothing is computed of another."""

    loaded: Loaded = answer_of(Load)

    def run(self, progress: Progress | None = None) -> Loaded:
        """Return the matrix as it is.

        Raises
        ------
        engine.errors.DataError
            With the count and the place of the first NaN or infinity.
        """
        from engine.errors import DataError
        from engine.files import check_finite

        if self.loaded.form == "product":  # finite, or it would have been formed
            return self.loaded
        found = check_finite(self.loaded.array, progress)
        if not found.is_finite:
            words = bad_entries(found)
            raise DataError(words, found.bad_count, found.first)
        return self.loaded


def bad_entries(found: FiniteReport) -> str:
    """Return the sentence about NaN and infinite entries."""
    plus = found.inf_count - found.minus_count
    return tr(
        "The matrix holds {what}, the first at row {row}, column {column} (counted from 0). A "
        "spectrum needs numbers: replace them or leave their rows out to go on. Your file stays as "
        "it is.",
        what=bad_counts(found.nan_count, plus, found.minus_count),
        row=found.first[0],
        column=found.first[1],
    )


class Leading(Step, key="analysis", title="Leading singular values"):
    """The leading singular values, certified, long before all of them are there."""

    loaded: Loaded = answer_of(Check)

    @property
    def count(self) -> int:
        """How many."""
        loaded = self.loaded
        return loaded.pairs if loaded.form == "sparse" else min(LEADING, *loaded.shape)

    @property
    def cost(self) -> float:
        """Seconds, about; where all values take no more they are not asked for."""
        return self.loaded.seconds(rank=self.count)

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        self.loaded.require_room(rank=self.count)

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of an incomplete Spectrum, with an upper bound on every value."""
        from engine.spectrum import leading_singular_values

        found = leading_singular_values(self.loaded.array, self.count, progress=progress)
        return analyse(self.loaded.data, found, more=True)


class Analyse(Step, key="analysis", title="All singular values", keep=4, preview=Leading):
    """All singular values; the leading ones of a sparse matrix that has too many."""

    loaded: Loaded = answer_of(Check)
    method: Method = choice(
        "auto",
        METHODS,
        "&Method",
        "How the values are computed; automatic takes the most accurate affordable one",
        section="Spectrum plot",
    )

    @property
    def cost(self) -> float:
        """Seconds, about."""
        loaded = self.loaded
        if loaded.has_all:
            return loaded.seconds(self.method)
        return loaded.seconds(rank=loaded.pairs)

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        few = {} if self.loaded.has_all else {"rank": self.loaded.pairs}
        self.loaded.require_room(self.method, **few)

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of the Spectrum."""
        return analyse(self.loaded.data, spectrum_of(self.loaded, self.method, progress))


def spectrum_of(
    loaded: Loaded, method: Method = "auto", progress: Progress | None = None
) -> Spectrum:
    """Return all singular values, or of a sparse matrix with too many the leading ones.

    Raises
    ------
    engine.errors.RankscopeError
        When they cannot be computed, or not by this method.
    """
    from engine.errors import DataError
    from engine.spectrum import leading_singular_values, singular_values

    if not loaded.has_all:
        return leading_singular_values(loaded.array, loaded.pairs, progress=progress)
    if loaded.form == "sparse" and method == "verified":
        raise DataError(
            tr("Certain intervals need a dense matrix. Choose another method for this sparse one.")
        )
    return singular_values(loaded.array, method, progress=progress)


def limit(data: Opened = given(Opened)) -> int:
    """Return the largest rank the selected array can have, min(m, n)."""
    return min(data.matrix_shape)


def sigma1(analysis: Analysis = answer_of(Analyse)) -> float:
    """Return the largest singular value, as the upper end of a control."""
    return max(analysis.sigma1, 1e-300)
