"""Sources: the open files as a tree at the left; choosing an array feeds every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.leaving.page import PageSpec
from gui.pages.sources.state import SourcesState

if TYPE_CHECKING:
    from gui.core.work.services import Context
    from gui.pages.sources.controller import SourcesController


def _build(context: Context) -> SourcesController:
    from gui.pages.sources.controller import SourcesController

    return SourcesController(context)


PAGE = PageSpec(
    key="sources", title="Sources", initial_state=SourcesState, build=_build, place="dock"
)
