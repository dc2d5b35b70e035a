"""The Top-k page: soft Top-k operators compared on one row of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.leaving.page import PageSpec
from gui.pages.topk.state import cleaned, initial_state

if TYPE_CHECKING:
    from gui.core.leaving.page import Page, RenderSpec
    from gui.core.screen.services import Context


def _build(context: Context) -> Page:
    from gui.pages.topk.controller import TopkController

    return TopkController(context)


def _renders() -> tuple[RenderSpec, ...]:
    from gui.pages.topk.render import RENDERS

    return RENDERS


PAGE = PageSpec("topk", "Top-k", initial_state, _build, renders=_renders, cleaned=cleaned)
