"""The screen of a page: its own where its folder has one, else the one made for every page."""

from __future__ import annotations

import importlib
import importlib.util

from gui.core.declare.page import Page
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.plain_screen import PageObject
from gui.core.screen.services import Context


def build_screen(page: Page, context: Context) -> PageObject:
    """Return the page object of the window."""
    folder = f"gui.pages.{page.key}"
    name = f"{folder}.screen"
    # The page of a plug-in has no folder there.
    if importlib.util.find_spec(folder) is None or importlib.util.find_spec(name) is None:
        return PageScreen(page, context)
    screen: PageObject = importlib.import_module(name).Screen(page, context)
    return screen
