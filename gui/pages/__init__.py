"""The registry of pages: adding a page is a folder here and one line in PAGES."""

from __future__ import annotations

from gui.core.declare.page import Page
from gui.pages.checkpoint.contents import PAGE as CHECKPOINT
from gui.pages.column_row.contents import PAGE as COLUMN_ROW
from gui.pages.position.contents import PAGE as POSITION
from gui.pages.sources.contents import PAGE as SOURCES
from gui.pages.spectrum.contents import PAGE as SPECTRUM
from gui.pages.topk.contents import PAGE as TOPK

PAGES: tuple[Page, ...] = (
    TOPK,
    SPECTRUM,
    COLUMN_ROW,
    POSITION,
    CHECKPOINT,
    SOURCES,
)
