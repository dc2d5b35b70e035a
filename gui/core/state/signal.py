"""A plain signal: who wants to know says so; no Qt, so that state can be used without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Slot = Callable[..., Any]


class Signal:
    """Calls every slot that is connected, in the order in which they came.

    A slot that raises does not keep the others from being called; its error goes to whoever
    emitted, once all have been.

    Examples
    --------
    >>> told = Signal()
    >>> told.connect(print)
    >>> told.emit("k", 3)
    k 3
    """

    def __init__(self) -> None:
        self._slots: list[Slot] = []

    def connect(self, slot: Slot) -> None:
        """Call ``slot`` from now on; it is kept alive until it is disconnected."""
        self._slots.append(slot)

    def disconnect(self, slot: Slot) -> None:
        """Call ``slot`` no more.

        Raises
        ------
        ValueError
            When it was not connected.
        """
        self._slots.remove(slot)

    def emit(self, *values: Any) -> None:
        """Call every slot with ``values``; one disconnected meanwhile is left out."""
        errors: list[Exception] = []
        for slot in tuple(self._slots):
            if slot not in self._slots:
                continue
            try:
                slot(*values)
            except Exception as error:
                errors.append(error)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup("several listeners failed", errors)
