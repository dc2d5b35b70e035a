"""What every record of a plug-in must be, whatever its kind."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from engine.errors import ArgumentError, RankscopeError
from engine.sentences import say

__all__ = ["checked_record"]

R = TypeVar("R")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def checked_record(record: Any, kind: type[R]) -> R:
    """Return a record of that kind that has a key and a title.

    Raises
    ------
    RankscopeError
        Saying what it is instead.
    """
    if not isinstance(record, kind):
        if isinstance(record, type):
            raise RankscopeError(
                say("it is the class {found} and not a record made of it", found=record.__name__)
            )
        found = type(record).__name__
        raise RankscopeError(say("it is {found}, not {wanted}", found=found, wanted=kind.__name__))
    key, title = getattr(record, "key", ""), getattr(record, "title", "")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ArgumentError("key", key, "a word of letters, digits and _")
    if not isinstance(title, str) or not title.strip():
        raise ArgumentError("title", title, "a name for people")
    return record
