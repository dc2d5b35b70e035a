"""State of the Sources dock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourcesState:
    """``search`` filters the tree by name; empty shows everything."""

    search: str = ""
