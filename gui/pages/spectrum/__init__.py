"""The Spectrum page: singular values of a matrix, what a rank keeps, and how to choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.leaving.page import PageSpec
from gui.pages.spectrum.state import cleaned, initial_state

if TYPE_CHECKING:
    from gui.core.leaving.page import Page, RenderSpec
    from gui.core.work.services import Context


def _build(context: Context) -> Page:
    from gui.pages.spectrum.controller import SpectrumController

    return SpectrumController(context)


def _renders() -> tuple[RenderSpec, ...]:
    from gui.pages.spectrum.render import RENDERS

    return RENDERS


PAGE = PageSpec("spectrum", "Spectrum", initial_state, _build, renders=_renders, cleaned=cleaned)
