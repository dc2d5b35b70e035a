"""How much memory there is, and the question that comes before more than a share of it is taken.

The one place that knows: of the machine, of the container (cgroups of both versions), of a limit
that a shell has set. Readers say what a reading takes, `engine.spectrum.estimate_bytes` what a
decomposition does; both ask here before anything is set aside.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.errors import FileError
from engine.sentences import as_sentence, say

SHARE = 0.5  # of the memory that is free: so much is taken unasked
_EVERYTHING = "RANKSCOPE_ANY_SIZE"  # also of processes that are started from now on
_PROC, _GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
# Where the limit, what is used and what of that can be dropped at once stand, by version.
_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
_UNITS = ("B", "kB", "MB", "GB", "TB")

_permitted: set[str] = set()


class TooLarge(FileError):
    """More than a set share of the free memory is needed: a question, not a refusal.

    Parameters
    ----------
    path : str
        What is read or computed on; a file, or a name in angle brackets.
    what : str
        What takes the memory ("the table").
    needed, available : int
        Bytes.
    hint : str
        What to do instead.
    """

    asks = True

    def __init__(self, path: str, what: str, needed: int, available: int, hint: str) -> None:
        self.what, self.needed, self.available = what, needed, available
        problem = say(
            "{what} takes {needed} of memory, {available} are free, and more than half of that is "
            "not taken unasked",
            what=as_sentence(what),
            needed=in_words(needed),
            available=in_words(available),
        )
        super().__init__(path, problem, hint)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.what, self.needed, self.available, self.hint)

    def permit(self) -> None:
        """Go on all the same, with whatever is asked about this path from now on."""
        permit(self.path)


def permit(path: str = "") -> None:
    """Ask no more about ``path``; without one about nothing, here and in processes begun later.

    Examples
    --------
    >>> permit("huge.csv")
    >>> is_permitted("huge.csv"), is_permitted("other.csv")
    (True, False)
    """
    if path:
        _permitted.add(path)
    else:
        os.environ[_EVERYTHING] = "1"


def is_permitted(path: str) -> bool:
    """Return whether a person has said that ``path`` may take what it needs."""
    return path in _permitted or bool(os.environ.get(_EVERYTHING))


def require_room(
    path: str, needed: int, what: str, hint: str = "", available: int | None = None
) -> None:
    """Ask before ``needed`` bytes are taken, where that is more than a share of what is free.

    Parameters
    ----------
    path : str
        What it is about: who says "go on" does so for this.
    needed : int
        Bytes.
    what : str
        What takes them ("the table"), in English.
    hint : str
        What to do instead; that of a reading where there is none.
    available : int, optional
        Bytes that are free where they are taken, if that is not here.

    Raises
    ------
    TooLarge
        Naming both counts, unless that was permitted.
    """
    if is_permitted(path):
        return
    available = available_memory() if available is None else available
    if available is not None and needed > SHARE * available:
        remedy = hint or "Save a smaller part, or save it as .npy: that is read piece by piece."
        raise TooLarge(path, what, int(needed), available, remedy)


def in_words(size: float) -> str:
    """Return a count of bytes as people say it.

    Examples
    --------
    >>> in_words(80_000), in_words(12_884_901_888), in_words(999_999)
    ('80 kB', '12.9 GB', '1 MB')
    """
    place = 0
    while size >= 999.5 and place < len(_UNITS) - 1:
        size, place = size / 1000.0, place + 1
    return f"{size:.3g} {_UNITS[place]}"


def available_memory() -> int | None:
    """Return the bytes of memory that can be taken without swapping, None where unknown.

    The least of what the machine has free, what the groups of this process leave it, and what a
    limit of its address space does.

    Examples
    --------
    >>> memory = available_memory()
    >>> memory is None or memory >= 0
    True
    """
    if sys.platform == "win32":
        return _free_on_windows()
    found = [_free_of_machine(), *_left_in_groups(), _left_of_addresses()]
    known = [one for one in found if one is not None]
    return max(0, min(known)) if known else None


def _free_of_machine() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (_PROC / "meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    try:
        # macOS has no count of available pages here; all of the memory is the honest bound.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _left_in_groups() -> Iterator[int]:
    """Yield what each group of this process that has a limit leaves it."""
    try:
        lines = (_PROC / "self/cgroup").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        _, names, path = (*line.split(":", 2), "", "")[:3]
        if not names:
            version, root = 0, _GROUPS
        elif "memory" in names.split(","):
            version, root = 1, _GROUPS / "memory"
        else:
            continue
        inside = [part for part in path.split("/") if part not in ("", "..")]
        # A container sees its own group as the root, whatever its path says.
        for depth in range(len(inside), -1, -1):
            left = _left_in(root.joinpath(*inside[:depth]), *_FILES[version])
            if left is not None:
                yield left


def _left_in(folder: Path, most: str, used: str, dropped: str) -> int | None:
    with suppress(OSError, ValueError):
        limit = int((folder / most).read_text("ascii"))  # "max" is none
        inside = int((folder / used).read_text("ascii"))
        with suppress(OSError, ValueError, IndexError):
            for line in (folder / "memory.stat").read_text("ascii").splitlines():
                if line.startswith(f"{dropped} "):
                    inside -= int(line.split()[1])  # files that are kept as long as there is room
        return max(0, limit - inside)
    return None


def _left_of_addresses() -> int | None:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        taken = int((_PROC / "self/statm").read_text("ascii").split()[0])
        return max(0, limit - taken * resource.getpagesize())
    except (ImportError, OSError, ValueError, IndexError):
        return None


def _free_on_windows() -> int | None:
    import ctypes

    class MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total_physical", ctypes.c_uint64),
            ("available_physical", ctypes.c_uint64),
            ("total_page_file", ctypes.c_uint64),
            ("available_page_file", ctypes.c_uint64),
            ("total_virtual", ctypes.c_uint64),
            ("available_virtual", ctypes.c_uint64),
            ("available_extended_virtual", ctypes.c_uint64),
        )

    status = MemoryStatus()
    status.length = ctypes.sizeof(MemoryStatus)
    windows = getattr(ctypes, "windll", None)
    if windows is None or not windows.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available_physical)
