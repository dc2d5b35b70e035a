"""The state that a picture drawn without a window carries: dropped on the window, it is back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.state.document import MEMORY_PATH, Arrays
from gui.core.state.figure_state import refs_in, state_of


def carried(now: Moment, plot: type[Plot]) -> dict[str, Any]:
    """Return what restores the page of ``now`` with ``plot`` in front.

    Empty for arrays that are in no file: they could not be found again.
    """
    arrays: Arrays = now.given[Arrays]
    page = now.page
    chosen = now.look(page.as_chosen) if page.as_chosen is not None else {}
    changes = {} if isinstance(chosen, Missing) else dict(chosen)
    if plot.view is not None:
        changes["view"] = plot.view.key
    slices = {
        "files": arrays.files,
        "selection": arrays.selection,
        page.key: replace(now.state, **changes),
    }
    shown = refs_in(slices["selection"])
    return {} if any(ref.path == MEMORY_PATH for ref in shown) else state_of(slices, page.key)
