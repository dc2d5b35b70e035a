"""Nested frozen data with some of what is in them changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping
from typing import Any


def rebuilt(value: Any, kind: type, change: Callable[[Any], Any], but: Container[str] = ()) -> Any:
    """Return ``value`` with every ``kind`` in its records, tuples and mappings changed.

    What holds nothing that changes is the same object as before. Fields of records whose names are
    in ``but`` are not looked into.

    Examples
    --------
    >>> rebuilt(((1, "a"), "b"), str, str.upper)
    ((1, 'A'), 'B')
    """
    if isinstance(value, kind):
        new = change(value)
        return value if new == value else new
    if isinstance(value, tuple):
        items = tuple(rebuilt(item, kind, change, but) for item in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if isinstance(value, Mapping):
        pairs = {
            rebuilt(key, kind, change, but): rebuilt(item, kind, change, but)
            for key, item in value.items()
        }
        return value if pairs == dict(value) else pairs
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (one.name for one in dataclasses.fields(value) if one.init)
        old = {name: getattr(value, name) for name in names if name not in but}
        new = {name: rebuilt(field, kind, change, but) for name, field in old.items()}
        changed = {name: field for name, field in new.items() if field is not old[name]}
        return dataclasses.replace(value, **changed) if changed else value
    return value
