"""pyqtgraph, which draws the figures, as every module of the program takes it.

It keeps a copy of every name of Qt: to make the copies is to make all of Qt's thousand classes, a
tenth of a start. Its copies are made here as they are asked for instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import ModuleType

_COPIED = ("QtCore", "QtGui", "QtWidgets")


@contextmanager
def _names_as_they_are_asked_for() -> Iterator[None]:
    """Give pyqtgraph modules that look names up in Qt's (PEP 562), and nothing to copy."""
    modules = [import_module(f"PySide6.{name}") for name in _COPIED]
    before = [vars(module).get("__dir__") for module in modules]
    for name, module in zip(_COPIED, modules, strict=True):
        copied = ModuleType(f"pyqtgraph.Qt.{name}")
        vars(copied)["__getattr__"] = partial(getattr, module)
        sys.modules[copied.__name__] = copied
        vars(module)["__dir__"] = list
    try:
        yield
    finally:
        for module, names in zip(modules, before, strict=True):
            if names is None:
                del vars(module)["__dir__"]
            else:
                vars(module)["__dir__"] = names


if "pyqtgraph" not in sys.modules:
    with _names_as_they_are_asked_for():
        import_module("pyqtgraph")

import pyqtgraph as pg  # noqa: E402  # after its copies of Qt's names
from pyqtgraph.Qt.internals import PrimitiveArray  # noqa: E402

__all__ = ["PrimitiveArray", "pg"]
