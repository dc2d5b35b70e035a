"""Who wants to hear what changes in the window, called in a thread that may ask it in turn."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

Callback = Callable[[dict[str, Any]], None]


class Telling:
    """Calls callbacks with the newest state; one that takes long misses those in between."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._callbacks: list[Callback] = []
        self._newest: dict[str, Any] | None = None
        self._ended = False

    def add(self, callback: Callback) -> bool:
        """Have it called from now on; return whether it is the first."""
        with self._changed:
            self._callbacks.append(callback)
            first = len(self._callbacks) == 1
        if first:
            threading.Thread(target=self._call, name="rankscope tells", daemon=True).start()
        return first

    def tell(self, state: dict[str, Any]) -> None:
        """Have everybody called with a state."""
        with self._changed:
            self._newest = state
            self._changed.notify_all()

    def end(self) -> None:
        """Call nobody any more, once what has been told is heard."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _call(self) -> None:
        while (state := self._next()) is not None:
            for callback in tuple(self._callbacks):
                try:
                    callback(as_state(state))
                except Exception:  # somebody else's: said as Python says it, and the next one told
                    traceback.print_exc(file=sys.stderr)

    def _next(self) -> dict[str, Any] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended)
            found, self._newest = self._newest, None
            return found


def as_state(value: Any) -> Any:
    """Return what a message says of the state as it is in Python: rows and pairs are tuples."""
    if isinstance(value, dict):
        return {
            key: [as_state(each) for each in one] if key == "sources" else as_state(one)
            for key, one in value.items()
        }
    return tuple(map(as_state, value)) if isinstance(value, list) else value
