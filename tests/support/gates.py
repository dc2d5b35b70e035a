"""Public functions of the engine that answer when a test says so: late answers without waiting.

Threads see what is put in their place here, worker processes do not: the work must be small.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0  # seconds until a gate opens by itself: a failing test must end, too

Applies = Callable[..., bool]


class Gate:
    """Holds up the calls of a function whose arguments ``when`` picks, until it is opened.

    ``entered`` counts the calls held up so far. The window's own thread is never held up.
    """

    def __init__(self, when: Applies) -> None:
        self._when = when
        self._open = threading.Event()
        self._lock = threading.Lock()
        self.entered = 0

    def open(self) -> None:
        """Let everybody through, now and later."""
        self._open.set()

    def pass_through(self, *arguments: Any, **options: Any) -> None:
        """Wait here if these arguments are meant; called in the thread that computes."""
        if threading.current_thread() is threading.main_thread():
            return
        if not self._when(*arguments, **options):
            return
        with self._lock:
            self.entered += 1
        self._open.wait(PATIENCE)


class Calls:
    """What a function has been called with, in order, and when: seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.made: list[tuple[Any, ...]] = []
        self.times: list[float] = []

    def note(self, *arguments: Any, **_options: Any) -> None:
        with self._lock:
            self.made.append(arguments)
            self.times.append(time.monotonic())

    def __len__(self) -> int:
        return len(self.made)


class Gates:
    """Puts gates and counters before functions of the engine; ``open`` lets everybody through."""

    def __init__(self, monkeypatch: Any) -> None:
        self._monkeypatch = monkeypatch
        self._made: list[Gate] = []

    def hold(self, target: str, when: Applies = lambda *_, **__: True) -> Gate:
        """Hold up the calls of ``target`` ("engine.spectrum.mp_edges") that ``when`` picks."""
        gate = Gate(when)
        self._made.append(gate)
        self._before(target, gate.pass_through)
        return gate

    def count(self, target: str) -> Calls:
        """Note every call of ``target``."""
        calls = Calls()
        self._before(target, calls.note)
        return calls

    def refuse(self, target: str, error: Exception, when: Applies = lambda *_, **__: True) -> None:
        """Let the calls of ``target`` that ``when`` picks raise ``error``."""

        def check(*arguments: Any, **options: Any) -> None:
            if when(*arguments, **options):
                raise error

        self._before(target, check)

    def open(self) -> None:
        """Let everybody through."""
        for gate in self._made:
            gate.open()

    def _before(self, target: str, first: Callable[..., None]) -> None:
        owner_path, _, name = target.rpartition(".")
        owner = _resolved(owner_path)
        former = getattr(owner, name)

        def replaced(*arguments: Any, **options: Any) -> Any:
            first(*arguments, **options)
            return former(*arguments, **options)

        self._monkeypatch.setattr(owner, name, replaced)


def _resolved(path: str) -> Any:
    """Return a module, or a class inside one."""
    import importlib

    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(importlib.import_module(module), name)
