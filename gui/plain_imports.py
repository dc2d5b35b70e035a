"""Imports of the program's own modules without the hook that PySide6 puts before every import."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager

_own = builtins.__import__


@contextmanager
def plain_imports() -> Iterator[None]:
    """Import as Python does meanwhile; this module has to be imported before PySide6.

    PySide6 replaces `__import__` with a function that reads the source of every module imported
    after it and looks for its name there, for ``from __feature__ import ...``, which no module of
    the program has: a fifth of what its modules cost at a start. Others find the hook where it was,
    as ``from PySide6.QtCore import *`` is not complete without it.

    Examples
    --------
    >>> with plain_imports():
    ...     import gui.app
    """
    hooked = builtins.__import__
    builtins.__import__ = _own
    try:
        yield
    finally:
        builtins.__import__ = hooked
