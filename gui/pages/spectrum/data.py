"""Which numbers the page works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gui.core.state.document import DataRef
from gui.pages.spectrum.state import Repair, SpectrumState, repair_of


@dataclass(frozen=True)
class Data:
    """Which numbers are meant: an array of an opened source, and how bad entries are replaced.

    ``source`` is compared by identity: a file opened again is other data.
    """

    ref: DataRef
    repair: Repair = ""
    source: Any = field(default=None, repr=False)

    @property
    def plain(self) -> Data:
        """The same without the source: what results carry and what crosses processes."""
        return Data(self.ref, self.repair)


def data_of(state: SpectrumState, ref: DataRef, source: Any) -> Data:
    """Return what the page works on for ``state`` while ``ref`` is selected."""
    return Data(ref, repair_of(state, ref), source)


def stored_share(shape: tuple[int, int], rank: Any) -> Any:
    """Return the size of two factors of ``rank`` as a share of the matrix, r (m + n) / (m n).

    Examples
    --------
    >>> stored_share((10, 10), 5)
    1.0
    """
    m, n = shape
    return rank * (m + n) / (m * n) if m * n else 0.0 * rank
