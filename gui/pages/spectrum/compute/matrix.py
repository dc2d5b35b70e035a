"""From the chosen array to its singular values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gui.core.declare.marks import answer_of, given
from gui.core.declare.parameter import choice
from gui.core.declare.records import Step
from gui.core.figure.arrays import Array
from gui.core.state.document import Opened, read_matrix
from gui.core.state.missing import bad_counts, nothing_left
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis, analyse

if TYPE_CHECKING:
    from engine.files import FiniteReport
    from engine.jobs import Progress

LEADING = 64

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
    """A matrix at hand; a memory map stays one. ``array`` is (m, n) and read-only."""

    data: Opened
    array: Array

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.array.shape[0], self.array.shape[1]


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
    from engine.files import to_dense

    if min(data.ref.shape, default=0) == 0:
        raise DataError(tr("{name} has no entries: nothing to show.", name=data.title))
    if data.rows is not None and not data.rows.kept.size:
        raise DataError(nothing_left(data), data.rows.left_out)
    matrix = to_dense(read_matrix(data.ref, data.source, progress))
    if data.rows is not None:
        matrix = matrix[data.rows.kept] if len(data.ref.shape) > 1 else matrix[:, data.rows.kept]
        matrix.flags.writeable = False
    elif data.repair in ("zero", "column_mean"):
        from engine.files import replace_nonfinite

        matrix = replace_nonfinite(matrix, data.repair, progress)
        matrix.flags.writeable = False
    return Loaded(data.plain, matrix)


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
        return min(LEADING, *self.loaded.shape)

    @property
    def cost(self) -> float:
        """Seconds, about; where all values take no more they are not asked for."""
        from engine.spectrum import estimate_seconds

        loaded = self.loaded
        return float(estimate_seconds(loaded.shape, loaded.array.dtype, rank=self.count))

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of an incomplete Spectrum, with an upper bound on every value."""
        from engine.spectrum import leading_singular_values

        found = leading_singular_values(self.loaded.array, self.count, progress=progress)
        return analyse(self.loaded.data, found)


class Analyse(Step, key="analysis", title="All singular values", keep=4, preview=Leading):
    """All singular values."""

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
        from engine.spectrum import estimate_seconds

        return float(estimate_seconds(self.loaded.shape, self.loaded.array.dtype, self.method))

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of the complete Spectrum."""
        from engine.spectrum import singular_values

        found = singular_values(self.loaded.array, self.method, progress=progress)
        return analyse(self.loaded.data, found)


def limit(data: Opened = given(Opened)) -> int:
    """Return the largest rank the selected array can have, min(m, n)."""
    return min(data.matrix_shape)


def sigma1(analysis: Analysis = answer_of(Analyse)) -> float:
    """Return the largest singular value, as the upper end of a control."""
    return max(analysis.sigma1, 1e-300)
