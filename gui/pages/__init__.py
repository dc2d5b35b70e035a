"""The registry of pages: adding a page is a folder here and one line in PAGES."""

from __future__ import annotations

from gui.core.leaving.page import PageSpec, spec_of
from gui.pages.column_row.contents import PAGE as COLUMN_ROW
from gui.pages.sources.contents import PAGE as SOURCES
from gui.pages.spectrum.contents import PAGE as SPECTRUM
from gui.pages.topk.contents import PAGE as TOPK

PAGES: tuple[PageSpec, ...] = (
    spec_of(TOPK),
    spec_of(SPECTRUM),
    spec_of(COLUMN_ROW),
    spec_of(SOURCES),
)
