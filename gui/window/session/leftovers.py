"""What a program that was ended in the midst of writing has left, cleared at the next start."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gui.core.export.files import FOLDER, PART
from gui.frozen import dataclass

OLD = 600.0  # seconds; a younger file may be written just now by another window
_MOST = 20_000  # names of a folder that are looked at
# Exports have 16 digits there, what the engine writes has 8 letters or digits.
_NAMES = rf"{re.escape(PART)}(?:[0-9a-f]{{16}}|\w{{8}})|session(?:-\d+)?\.json\w{{8}}"
_OURS = re.compile(rf"(?:{_NAMES})\.part")


_FOLDERS = re.compile(rf"{re.escape(FOLDER)}(\d{{1,9}})-\w{{8}}")


@dataclass(frozen=True)
class ClearLeftovers:
    """Remove what was never finished in ``folders``; the result counts it.

    In ``temporary`` the folders of processes that are no more.
    """

    folders: tuple[str, ...]
    temporary: str = ""

    def run(self, progress: Any) -> int:
        """Remove the files; only ours, and only old ones."""
        found = sum(_removed(path) for folder in self.folders for path in _named(folder, _OURS))
        for path in _named(self.temporary, _FOLDERS) if self.temporary else ():
            found += _emptied(path)
        return found


def _named(folder: str, names: re.Pattern[str]) -> Iterator[str]:
    try:
        with os.scandir(folder) as items:
            for item, _ in zip(items, range(_MOST), strict=False):
                if names.fullmatch(item.name):
                    yield item.path
    except OSError:
        return


def _emptied(path: str) -> bool:
    number = _FOLDERS.fullmatch(os.path.basename(path))
    with suppress(OSError):
        found = os.lstat(path)
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if number is None or not (mine and stat.S_ISDIR(found.st_mode)) or _is_young(found):
            return False
        if _lives(int(number[1])):
            return False
        shutil.rmtree(path)
        return True
    return False


def _lives(process: int) -> bool:
    """Whether there is a process of that number; on Windows asking would end it."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_young(found: os.stat_result) -> bool:
    return time.time() - found.st_mtime <= OLD


def _removed(path: str) -> bool:
    with suppress(OSError):
        found = os.lstat(path)
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if mine and stat.S_ISREG(found.st_mode) and not _is_young(found):
            os.unlink(path)
            return True
    return False
