"""A registry: the program's own records, and those of plug-ins once somebody asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar, overload

from engine.errors import RankscopeError
from engine.plugins.contained import reason_of
from engine.plugins.found import Plugin, declared, looks
from engine.sentences import say

__all__ = ["Registered", "RegisteredByKey"]


class Keyed(Protocol):
    """What every record has."""

    @property
    def key(self) -> str:
        """Its name in code and files."""
        ...


T = TypeVar("T", bound=Keyed)


class Registered(Sequence[T], Generic[T]):
    """The records of a kind in display order, those of plug-ins last.

    Walking over it loads the plug-ins of its group, once; `get` does so only for a key that the
    program itself does not have.  A plug-in that cannot be loaded is left out and says why in
    `plugins`.

    Parameters
    ----------
    group : str
        Group of the entry points.
    own : tuple of records
        The program's own.
    accept : callable
        ``accept(record, plugin)`` returns the record as it is used, or raises `RankscopeError`.
    """

    def __init__(self, group: str, own: tuple[T, ...], accept: Callable[[Any, Plugin], T]) -> None:
        self.group, self.own, self._accept = group, own, accept
        self._own_by_key = {record.key: record for record in own}
        self._lock, self._loading = threading.RLock(), False
        self._clear()

    def _clear(self) -> None:
        self._by_key = dict(self._own_by_key)
        self._plugins: tuple[Plugin, ...] | None = None
        self._all, self._looks = self.own, looks()

    def plugins(self) -> tuple[Plugin, ...]:
        """Return the plug-ins of the group, each with its record or why there is none."""
        if self._plugins is None or self._looks != looks():
            self._load()
        return self._plugins or ()

    def added(self) -> tuple[T, ...]:
        """Return the records of plug-ins alone."""
        return tuple(self)[len(self.own) :]

    def get(self, key: str) -> T | None:
        """Return the record of that key, None where there is none."""
        if key in self._own_by_key:
            return self._own_by_key[key]
        self.plugins()
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[T]:
        self.plugins()
        return iter(self._all)

    def __len__(self) -> int:
        self.plugins()
        return len(self._all)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...
    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        self.plugins()
        return self._all[place]

    def __repr__(self) -> str:
        return f"<{self.group}: {', '.join(self._by_key)}>"

    def _load(self) -> None:
        with self._lock:
            # A plug-in that walks over the registry while it is imported sees what there is so far.
            if self._loading or (self._plugins is not None and self._looks == looks()):
                return
            self._loading = True
            self._clear()
            try:
                self._plugins = tuple(self._loaded(*pair) for pair in declared(self.group))
            finally:
                self._loading = False

    def _loaded(self, plugin: Plugin, point: Any) -> Plugin:
        if plugin.off:
            return plugin
        try:
            record = self._accept(point.load(), plugin)
            if record.key in self._by_key:
                taken = say("the key {key!r} is taken; it needs one of its own", key=record.key)
                raise RankscopeError(taken)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # of a stranger, SystemExit too
            return replace(plugin, error=reason_of(error))
        self._by_key[record.key] = record
        self._all = (*self._all, record)
        return replace(plugin, record=record)


class RegisteredByKey(Mapping[str, T], Generic[T]):
    """A `Registered` as a mapping of keys."""

    def __init__(self, records: Registered[T]) -> None:
        self.records = records

    def __getitem__(self, key: str) -> T:
        found = self.records.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (record.key for record in self.records)

    def __len__(self) -> int:
        return len(self.records)
