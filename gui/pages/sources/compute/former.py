"""A table that is read into another shape now than when a person saved something of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.state.listed import OpenFile, Said
from gui.frozen import dataclass
from gui.pages.sources.compute.tables import words_of

if TYPE_CHECKING:
    from engine.jobs import Progress

Shape = tuple[int, ...]
Shapes = tuple[tuple[str, Shape], ...]  # of arrays, by name


@dataclass(frozen=True)
class Known:
    """What is known of a file from before: the ``shapes`` of its arrays, none: not even these."""

    path: str
    shapes: Shapes = ()


def known_of(file: OpenFile) -> Known:
    """Return what a session knows of a file that was open."""
    return Known(file.path, tuple((entry.name, entry.shape) for entry in file.entries))


@dataclass(frozen=True)
class FormerReading:
    """Ask how a table was read before, so that it has the shapes that are ``known``."""

    known: Known

    def run(self, progress: Progress | None = None) -> Said:
        """Return what has to be said of it; () where nothing gives these shapes."""
        return former_said(self.known, None, progress)


def former_said(known: Known, now: Shape | None, progress: Progress | None = None) -> Said:
    """Return what has to be said of a table so that it is read as before.

    ``now`` is the shape that it has as found. Returns () where that is the one from before, and
    where nothing gives the one from before.
    """
    from engine.errors import RankscopeError
    from engine.files import former_readings, open_apart

    if any(shape == now for _, shape in known.shapes):
        return ()
    for reading, columns in former_readings(known.path):
        try:
            with open_apart(known.path, progress, reading=reading) as source:
                entry = source.entries[0]
        except RankscopeError:
            continue
        wanted = dict(known.shapes).get(entry.name)
        whole = len(entry.shape) == 1 or entry.shape[1] == columns
        if entry.shape == wanted or (not known.shapes and whole):
            return () if entry.shape == now else _said(reading)
    return ()


def _said(reading: Any) -> Said:
    return tuple((name, text) for name, text in words_of(reading).items() if text)
