"""The registry of pages: adding a page is a folder here and one line in PAGES."""

from __future__ import annotations

from gui.core.page import PageSpec

PAGES: tuple[PageSpec, ...] = ()
