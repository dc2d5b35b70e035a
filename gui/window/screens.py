"""The screen of a page: its own where its folder has one, else the one made for every page."""

from __future__ import annotations

import importlib
import importlib.util

from gui.core.declare.page import Page
from gui.core.screen.page_screen import PageScreen
from gui.core.work.services import Context


def build_screen(page: Page, context: Context) -> PageScreen:
    """Return the page object of the window."""
    name = f"gui.pages.{page.key}.screen"
    if importlib.util.find_spec(name) is None:
        return PageScreen(page, context)
    screen: PageScreen = importlib.import_module(name).Screen(page, context)
    return screen
