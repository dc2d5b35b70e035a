"""The Column-row page: a product from a few of its column-row pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.leaving.page import PageSpec
from gui.pages.column_row.state import cleaned, initial_state

if TYPE_CHECKING:
    from gui.core.leaving.page import Page, RenderSpec
    from gui.core.work.services import Context


def _build(context: Context) -> Page:
    from gui.pages.column_row.controller import ColumnRowController

    return ColumnRowController(context)


def _renders() -> tuple[RenderSpec, ...]:
    from gui.pages.column_row.render import RENDERS

    return RENDERS


PAGE = PageSpec(
    "column_row", "Column-row", initial_state, _build, renders=_renders, cleaned=cleaned
)
