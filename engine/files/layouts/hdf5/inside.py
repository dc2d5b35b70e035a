"""Whether a dataset lies in its own file: virtual ones may be put together from other files."""

from __future__ import annotations

import os
from typing import Any

from engine.files.layouts.hdf5.filters import require_filters
from engine.files.reading.entries import BadArray
from engine.sentences import say

_MAX_DEPTH = 8
_MAX_SOURCES = 10_000


def require_inside(stored: Any, depth: int = 0) -> None:
    """Refuse a dataset of which a part lies in another file, or is packed by an unknown filter.

    A virtual dataset is read where all that it joins lies in its own file.

    Raises
    ------
    BadArray
        Saying where the data lie.
    """
    if stored.external:
        raise BadArray(
            say(
                "its data lie in other files, which are not opened ({name})",
                name=stored.external[0][0],
            ),
            "Open those.",
        )
    require_filters(stored)
    if not stored.is_virtual:
        return
    sources = stored.virtual_sources()
    if depth >= _MAX_DEPTH or len(sources) > _MAX_SOURCES:
        raise BadArray("it is virtual, put together of too many others", "Save it as a whole.")
    for name in sorted({(one.file_name, one.dset_name) for one in sources}):
        require_inside(_source(stored, *name), depth + 1)


def _source(stored: Any, file_name: str, name: str) -> Any:
    """Return a dataset that a virtual one joins."""
    path = stored.file.filename
    beside = os.path.join(os.path.dirname(path), file_name)
    if file_name != "." and os.path.realpath(beside) != os.path.realpath(path):
        raise BadArray(
            say("its data lie in other files, which are not opened ({name})", name=file_name),
            "Open those.",
        )
    found = by_hard_links(stored.file, name)
    if found is None:
        text = "it is virtual, and a part that it joins is not in the file ({name})"
        raise BadArray(say(text, name=name))
    return found


def by_hard_links(group: Any, name: str) -> Any | None:
    """Return a dataset of the file itself: other links may lead elsewhere."""
    import h5py

    found = group
    for part in name.strip("/").split("/"):
        if not isinstance(found, h5py.Group):
            return None
        if not isinstance(found.get(part, getlink=True), h5py.HardLink):
            return None
        found = found[part]
    return found if isinstance(found, h5py.Dataset) else None
