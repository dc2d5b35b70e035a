"""Spectra kept for comparison: which, and computed again after undo or a restored session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.declare.marks import given, maybe_given, member_of
from gui.core.declare.parameter import stored
from gui.core.declare.records import Record, Step
from gui.core.state.document import Arrays, DataRef, Opened, Repair
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis, analyse
from gui.pages.spectrum.compute.matrix import load, require_room, spectrum_of

if TYPE_CHECKING:
    from engine.jobs import Progress

OVERLAYS_MAX = 7


@dataclass(frozen=True)
class Pinned:
    """A spectrum kept for comparison: which array, and how its bad entries were replaced."""

    ref: DataRef
    repair: Repair = ""


def _as_many(overlays: tuple[Pinned, ...]) -> tuple[Pinned, ...]:
    return overlays[:OVERLAYS_MAX]


class Pins(Record):
    """The pinned arrays."""

    overlays: tuple[Pinned, ...] = stored((), "comparison", clean=_as_many)


def others(
    overlays: tuple[Pinned, ...] = Pins.overlays,
    arrays: Arrays = given(Arrays),
    data: Opened | None = maybe_given(Opened),
) -> tuple[Opened, ...]:
    """Return the pinned arrays that are open, without the one shown anyway."""
    found = []
    for item in overlays:
        pinned = arrays.open(item.ref, item.repair)
        if pinned is not None and (data is None or pinned.plain != data.plain):
            found.append(pinned)
    return tuple(found)


class PinnedSpectrum(Step, key="pinned", title="Spectrum of a pinned matrix", keep=1):
    """All singular values of one pinned array, read where they are computed."""

    data: Opened = member_of(others)

    @property
    def cost(self) -> float:
        """Seconds, about, without asking the engine, which may not be there yet."""
        rows, columns = sorted(self.data.matrix_shape, reverse=True)
        return 5e-9 * rows * columns + 1e-11 * rows * columns**2 + 4.5e-11 * columns**3

    @property
    def apart(self) -> bool:
        """Whether it must hold up no other: always."""
        return True

    def require_room(self) -> None:
        """Ask before much memory is taken; in another process, where it runs, nobody asks."""
        kind = "complex128" if self.data.ref.dtype.startswith("complex") else "float64"
        require_room(self.data, self.data.matrix_shape, kind)

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis of the Spectrum, as complete as it is shown of the matrix alone."""
        from engine.room import permit

        permit(self.data.ref.path)
        loaded = load(self.data, progress)
        return analyse(self.data.plain, spectrum_of(loaded, progress=progress))
