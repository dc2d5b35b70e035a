"""The registry of pages: adding a page is a folder here and one line in PAGES."""

from __future__ import annotations

from gui.core.leaving.page import PageSpec
from gui.pages import column_row, sources, spectrum, topk

PAGES: tuple[PageSpec, ...] = (
    topk.PAGE,
    spectrum.PAGE,
    column_row.PAGE,
    sources.PAGE,
)
