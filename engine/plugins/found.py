"""The plug-ins that are installed: what their distributions declare, before any is loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.plugins.switched import normalised, switched_off

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUPS", "Plugin", "declared", "forget", "looks"]

_PREFIX = "rankscope."
GROUPS = tuple(_PREFIX + what for what in ("formats", "operators", "rank_rules", "pages"))


@dataclass(frozen=True)
class Plugin:
    """One entry point and what became of it.

    Parameters
    ----------
    group : str
        One of `GROUPS`.
    name : str
        Of the entry point.
    distribution, version : str
        What was installed.
    place : str
        Folder it lies in.
    off : bool
        Whether it is switched off.
    error : str
        Why it could not be loaded.
    record : object
        What it gave; None where it is off or failed.
    """

    group: str
    name: str
    distribution: str
    version: str
    place: str
    off: bool = False
    error: str = ""
    record: Any = field(default=None, compare=False, repr=False)

    @property
    def who(self) -> str:
        """Distribution and version."""
        return f"{self.distribution} {self.version}"


def declared(group: str) -> tuple[tuple[Plugin, EntryPoint], ...]:
    """Return the entry points of a group, by distribution and name; nothing is loaded."""
    return tuple(pair for pair in _all_declared(_looks) if pair[0].group == group)


def forget() -> None:
    """Look again at the next call: something was installed or switched since."""
    global _looks
    _looks += 1


def looks() -> int:
    """Return a number that is another once what was found is forgotten."""
    return _looks


_looks = 0


@lru_cache(maxsize=1)
def _all_declared(look: int) -> tuple[tuple[Plugin, EntryPoint], ...]:
    # By the number of the look: what another thread began to find before is not taken for news.
    if not any(map(_mentions, sys.path)):
        return ()
    # With its parsers of e-mail 30 ms or more: only for those who have a plug-in.
    from importlib.metadata import entry_points

    off, found = switched_off(), []
    for group in GROUPS:
        for point in entry_points(group=group):
            name = point.dist.metadata["Name"] if point.dist else point.module
            version = point.dist.version if point.dist else ""
            place = str(point.dist.locate_file("")) if point.dist else ""
            plugin = Plugin(group, point.name, name, version, place, normalised(name) in off)
            found.append((plugin, point))
    return tuple(sorted(found, key=lambda pair: (pair[0].distribution.lower(), pair[0].name)))


def _mentions(folder: str) -> bool:
    """Whether a folder of ``sys.path`` has a distribution with a group of ours: 2 ms for 80."""
    return any(b"[rankscope." in text for text in _tables(folder or os.curdir))


def _tables(folder: str) -> Iterator[bytes]:
    try:
        with os.scandir(folder) as entries:
            names = [one.path for one in entries if one.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return
    for name in names:
        try:
            with open(os.path.join(name, "entry_points.txt"), "rb") as file:
                yield file.read().replace(b" ", b"")
        except OSError:
            continue
