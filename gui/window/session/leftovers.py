"""What a program that was ended in the midst of writing has left, cleared at the next start."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gui.core.export.files import PART

OLD = 600.0  # seconds; a younger file may be written just now by another window
_MOST = 20_000  # names of a folder that are looked at
# Exports have 16 digits there, what the engine writes has 8 letters or digits.
_NAMES = rf"{re.escape(PART)}(?:[0-9a-f]{{16}}|\w{{8}})|session(?:-\d+)?\.json\w{{8}}"
_OURS = re.compile(rf"(?:{_NAMES})\.part")


@dataclass(frozen=True)
class ClearLeftovers:
    """Remove what was never finished in ``folders``; the result counts it."""

    folders: tuple[str, ...]

    def run(self, progress: Any) -> int:
        """Remove the files; only ours, and only old ones."""
        return sum(_removed(path) for folder in self.folders for path in _parts(folder))


def _parts(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as items:
            for item, _ in zip(items, range(_MOST), strict=False):
                if _OURS.fullmatch(item.name):
                    yield item.path
    except OSError:
        return


def _removed(path: str) -> bool:
    with suppress(OSError):
        found = os.lstat(path)
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if mine and stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > OLD:
            os.unlink(path)
            return True
    return False
