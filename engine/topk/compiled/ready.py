"""Which compiled kernels there are by now: a call takes what is ready and never waits.

numba takes half a second to import and seconds to compile a kernel for the first time; from
then on it is on disk, and milliseconds away.  Until a kernel is ready NumPy gives the same answer
to 1e-13.  The work is done in one thread, one kernel after the other, when `warm` asks for it or a
long row has come along.
"""

from __future__ import annotations

import importlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = ["SOURCES", "get", "settle", "want", "without_kernels"]

# Name of the kernels: module and attribute, whose method ``compile`` makes them ready.
SOURCES = {
    "products": ("engine.topk.compiled.products", "PRODUCTS"),
    "long": ("engine.topk.compiled.window", "LONG"),
    **{
        name: ("engine.topk.compiled.kernels", name.upper())
        for name in ("exp", "sigmoid", "laplace", "gaussian", "clip", "cauchy", "square", "cube")
    },
    "grad": ("engine.topk.grad.kernels", "GRAD"),
    "audit": ("engine.topk.routing.kernels", "AUDIT"),
}

_ready: dict[str, Any] = {}
_failed: dict[str, BaseException] = {}
_waiting: deque[str] = deque()
_changed = threading.Condition()
_worker: threading.Thread | None = None
_switched_off = False


def get(name: str) -> Any:
    """Return kernels by name if they are ready, else None; takes well under a microsecond."""
    return None if _switched_off else _ready.get(name)


def want(names: Sequence[str]) -> bool:
    """Have kernels made ready in the background; return whether all are already.

    Parameters
    ----------
    names : sequence of str
        Keys of `SOURCES`; those that could not be made are not tried again.
    """
    global _worker
    if _switched_off or all(name in _ready for name in names):
        return not _switched_off
    with _changed:
        missing = [name for name in names if not (name in _ready or name in _failed)]
        others = [name for name in _waiting if name not in missing]
        _waiting.clear()
        _waiting.extend(missing + others)  # what is wanted now comes first
        if _waiting and _worker is None:
            # No daemon: it must not be in the middle of LLVM when the process ends.
            _worker = threading.Thread(target=_work, name="topk-kernels")
            _worker.start()
    return False


def settle(names: Sequence[str]) -> bool:
    """Wait until kernels are ready or cannot be; return whether they are."""
    if not want(names):
        with _changed:
            _changed.wait_for(
                lambda: all(n in _ready or n in _failed for n in names) or not _worker
            )
    return all(name in _ready for name in names)


@contextmanager
def without_kernels() -> Iterator[None]:
    """Compute as if no kernel were ready, until the context is left: what NumPy alone gives."""
    global _switched_off
    before, _switched_off = _switched_off, True
    try:
        yield
    finally:
        _switched_off = before


def _work() -> None:
    """Make kernels ready until there are none to make, or the process is about to end."""
    global _worker
    while True:
        with _changed:
            if not _waiting or not threading.main_thread().is_alive():
                _worker = None
                _changed.notify_all()
                return
            name = _waiting[0]
        try:
            made = _made(*SOURCES[name])
        except (
            Exception
        ) as error:  # a machine that numba cannot compile for, a folder it cannot use
            with _changed:
                _failed[name] = error
        else:
            _ready[name] = made
        with _changed:
            _waiting.remove(name)
            _changed.notify_all()


def _made(module: str, attribute: str) -> Any:
    kernels = getattr(importlib.import_module(module), attribute)
    compile_them: Callable[[], None] = kernels.compile
    compile_them()
    return kernels
