"""What the Spectrum page has computed for it: the matrix, its picture, its singular values.

Every request is frozen and holds read-only arrays, so that it can run in a thread or, when its
``cost`` in seconds says so, in a process that cancelling ends. The engine is imported only when a
request runs: the window opens without it. What needs singular vectors is in ``factors``, what
acts on the values alone in ``analysis``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gui.core.figure.arrays import Array
from gui.core.state.document import read_matrix
from gui.pages.spectrum.analysis import Analysis, analyse
from gui.pages.spectrum.data import Data
from gui.pages.spectrum.reduction import Picture, reduce_matrix
from gui.pages.spectrum.state import Method

if TYPE_CHECKING:
    from engine.jobs import Progress


LEADING = 64
# Below this many seconds the full spectrum is there before a leading part would help.
DIRECT_COST = 0.35


@dataclass(frozen=True, eq=False)
class Loaded:
    """A matrix at hand; a memory map stays one. ``array`` is (m, n) and read-only."""

    data: Data
    array: Array

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.array.shape[0], self.array.shape[1]


@dataclass(frozen=True, eq=False)
class LoadMatrix:
    """Read the array of ``data``; replacing bad entries copies it."""

    data: Data

    def run(self, progress: Progress | None = None) -> Loaded:
        """Return the matrix; a vector of n numbers becomes 1 x n."""
        # Imported here, off the GUI thread, which asks it for an estimate of the cost next.
        import engine.spectrum  # noqa: F401

        matrix = read_matrix(self.data.ref, self.data.source, progress)
        if self.data.repair:
            from engine.files import replace_nonfinite

            matrix = replace_nonfinite(matrix, self.data.repair, progress)
            matrix.flags.writeable = False
        return Loaded(self.data, matrix)


@dataclass(frozen=True, eq=False)
class DrawMatrix:
    """Reduce the matrix for display."""

    data: Data
    array: Array

    def run(self, progress: Progress | None = None) -> Picture:
        """Return the picture, which also knows NaN and infinite entries."""
        return reduce_matrix(self.array, progress, channels=self.data.ref.channels)


@dataclass(frozen=True, eq=False)
class LeadingValues:
    """The leading singular values, certified: on screen while the full spectrum is computed."""

    data: Data
    array: Array = field(repr=False)
    count: int

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of an incomplete Spectrum, with an upper bound on every value."""
        from engine.spectrum import leading_singular_values

        count = min(self.count, *self.array.shape)
        found = leading_singular_values(self.array, count, progress=progress)
        return analyse(self.data, found)


@dataclass(frozen=True, eq=False)
class FullSpectrum:
    """All singular values; ``data`` comes without its source, which cannot leave the process."""

    data: Data
    array: Array = field(repr=False)
    method: Method = "auto"
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of the complete Spectrum."""
        from engine.spectrum import singular_values

        return analyse(self.data, singular_values(self.array, self.method, progress=progress))


def leading_values(loaded: Loaded) -> LeadingValues:
    """Return the request for the leading values."""
    return LeadingValues(loaded.data.plain, loaded.array, LEADING)


def full_spectrum(loaded: Loaded, method: Method) -> FullSpectrum:
    """Return the request for the full spectrum with its estimated cost."""
    cost = seconds(loaded.array, method)
    return FullSpectrum(loaded.data.plain, loaded.array, method, cost)


def seconds(array: Array, method: Method) -> float:
    """Return how long the full spectrum takes, about."""
    from engine.spectrum import estimate_seconds

    m, n = array.shape
    return float(estimate_seconds((m, n), array.dtype, method))
