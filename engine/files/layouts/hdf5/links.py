"""Links of an HDF5 file into other files: listed, and followed only when a person asks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from engine.files.reading.entries import unreadable_entry
from engine.files.reading.source import Entry
from engine.sentences import joined, say

_MOST = 10_000


@dataclass(frozen=True)
class Link:
    """Where an external link leads.

    Attributes
    ----------
    file : str
        Name of the other file as it is written: absolute, or beside the file of the link.
    place : str
        Path inside it.
    """

    file: str
    place: str

    def path(self, path: str) -> str:
        """Return the other file's path, seen from the file that the link stands in.

        Examples
        --------
        >>> Link("b.h5", "/x").path(os.path.join("data", "a.h5")) == os.path.join("data", "b.h5")
        True
        """
        folder = os.path.dirname(path)
        beside = os.path.join(folder, self.file)
        # As HDF5 does it: files that moved together are found beside each other.
        moved = os.path.join(folder, os.path.basename(self.file))
        return moved if not os.path.exists(beside) and os.path.exists(moved) else beside

    def entry(self, name: str) -> Entry:
        """Describe the link; the other file is not looked at."""
        what = say(
            "a link to {place} in the file {file}, which is not opened unless you ask.",
            place=self.place,
            file=self.file,
        )
        return unreadable_entry(
            name, joined(what, "Choose it to be asked; in Python: engine.files.follow_link.")
        )


def external_links(file: Any) -> dict[str, Link]:
    """Return the links that lead into other files, by their names."""
    import h5py

    found: dict[str, Link] = {}

    def note(name: bytes, info: Any) -> None:
        if info.type == h5py.h5l.TYPE_EXTERNAL and len(found) < _MOST:
            other, place = file.id.links.get_val(name)
            link = Link(os.fsdecode(other), place.decode("utf-8", "replace"))
            found[name.decode("utf-8", "replace")] = link

    file.id.links.visit(note, info=True)
    return found
