"""The registry of pages: adding a page is a folder here and one line in PAGES.

Those of plug-ins follow (`rankscope.pages`).
"""

from __future__ import annotations

from typing import Any

from engine.plugins import Plugin, Registered, checked_record
from gui.core.declare.page import Page
from gui.pages.checkpoint.contents import PAGE as CHECKPOINT
from gui.pages.column_row.contents import PAGE as COLUMN_ROW
from gui.pages.position.contents import PAGE as POSITION
from gui.pages.sources.contents import PAGE as SOURCES
from gui.pages.spectrum.contents import PAGE as SPECTRUM
from gui.pages.topk.contents import PAGE as TOPK

_OWN: tuple[Page, ...] = (
    TOPK,
    SPECTRUM,
    COLUMN_ROW,
    POSITION,
    CHECKPOINT,
    SOURCES,
)


def _accepted(record: Any, plugin: Plugin) -> Page:
    return checked_record(record, Page)


PAGES: Registered[Page] = Registered("rankscope.pages", _OWN, _accepted)
