"""What the tree of open files goes by."""

from __future__ import annotations

from gui.core.declare.parameter import stored
from gui.core.declare.records import Record


class Tree(Record):
    """``search`` filters the tree by name; empty shows everything."""

    search: str = stored("", "search", gesture=True)
