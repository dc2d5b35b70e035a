"""Keeps the program alive when a mapped file is cut short: lost pages read as NaN.

Touching a mapped page that the file no longer has ends a process by SIGBUS. For maps that are
watched a handler puts a page of ones in its place, NaN in every float, and counts it.
"""

from __future__ import annotations

import mmap
import sys
import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.machine_code import compiled

__all__ = ["lost_pages", "watch"]

_MAPS = 1024
_SIGBUS = 7
_FLAGS = 4 | 0x08000000  # SA_SIGINFO | SA_ONSTACK
_PAGE = mmap.PAGESIZE
# Where each watched map begins and ends, read by the handler; the last place counts lost pages.
_TABLE: NDArray[np.uint64] = np.zeros(2 * _MAPS + 1, np.uint64)
_lock = threading.Lock()
_installed: list[Any] = []  # what the handler needs, kept alive


def watch(mapped: np.memmap[Any, Any]) -> None:
    """Survive the loss of pages of this map for as long as it lives; on Linux only.

    Examples
    --------
    >>> watch(np.zeros(3))  # type: ignore[arg-type]  # what is in memory cannot be lost
    """
    if sys.platform != "linux" or not isinstance(mapped, np.memmap):
        return
    with _lock:
        if not _installed:
            _installed.append(_install())
        free = np.flatnonzero(_TABLE[1 : 2 * _MAPS : 2] == 0)
        if not free.size:
            return  # more maps than are watched: those that came first stay so
        place = 2 * int(free[0])
        first = int(mapped.ctypes.data)
        _TABLE[place] = first - first % _PAGE
        _TABLE[place + 1] = first + mapped.nbytes
    owner: Any = mapped
    while isinstance(owner, np.ndarray):
        owner = owner.base
    weakref.finalize(owner, _forget, place).atexit = False


def lost_pages() -> int:
    """Return how many pages of watched maps have been lost since the program started.

    Examples
    --------
    >>> lost_pages() >= 0
    True
    """
    return int(_TABLE[2 * _MAPS])


def _forget(place: int) -> None:
    with _lock:
        _TABLE[place] = _TABLE[place + 1] = 0


# void handler(int signal, siginfo_t *info, void *context); the address is the third word of info.
_HANDLER = """
define void @handler(i32 %signal, ptr %info, ptr %context) {{
entry:
  %field = getelementptr i64, ptr %info, i64 2
  %address = load i64, ptr %field
  %table = inttoptr i64 {table} to ptr
  br label %look
look:
  %place = phi i64 [0, %entry], [%next, %other]
  %low_at = getelementptr i64, ptr %table, i64 %place
  %low = load volatile i64, ptr %low_at
  %high_at = getelementptr i64, ptr %low_at, i64 1
  %high = load volatile i64, ptr %high_at
  %after = icmp uge i64 %address, %low
  %before = icmp ult i64 %address, %high
  %ours = and i1 %after, %before
  br i1 %ours, label %mend, label %other
other:
  %next = add i64 %place, 2
  %last = icmp uge i64 %next, {count}
  br i1 %last, label %foreign, label %look
mend:
  %page = and i64 %address, -{page}
  %mmap = inttoptr i64 {mmap} to ptr
  %put = call i64 %mmap(i64 %page, i64 {page}, i32 3, i32 50, i32 -1, i64 0)
  %memset = inttoptr i64 {memset} to ptr
  %filled = call i64 %memset(i64 %page, i32 255, i64 {page})
  %lost_at = getelementptr i64, ptr %table, i64 {count}
  %lost = load volatile i64, ptr %lost_at
  %more = add i64 %lost, 1
  store volatile i64 %more, ptr %lost_at
  ret void
foreign:
  %restore = inttoptr i64 {signal} to ptr
  %restored = call i64 %restore(i32 %signal, i64 0)
  ret void
}}
"""


def _install() -> Any:
    """Compile the handler and put it in force; it calls nothing of Python.

    In C it would be a dozen lines, for which the project would have to be built on every machine;
    LLVM is there anyway. What is not ours is touched again as if nobody had listened.
    """
    import ctypes

    libc = ctypes.CDLL(None)

    def address_of(name: str) -> int:
        return int(ctypes.cast(getattr(libc, name), ctypes.c_void_p).value or 0)

    text = _HANDLER.format(
        table=int(_TABLE.ctypes.data),
        count=2 * _MAPS,
        page=_PAGE,
        **{name: address_of(name) for name in ("mmap", "memset", "signal")},
    )
    owner = compiled(text)

    class Action(ctypes.Structure):
        _fields_ = (
            ("handler", ctypes.c_void_p),
            ("mask", ctypes.c_ulong * 16),
            ("flags", ctypes.c_int),
            ("restorer", ctypes.c_void_p),
        )

    action = Action(owner.get_function_address("handler"), (ctypes.c_ulong * 16)(), _FLAGS, None)
    libc.sigaction(_SIGBUS, ctypes.byref(action), None)
    return owner, action
