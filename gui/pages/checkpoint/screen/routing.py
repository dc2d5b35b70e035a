"""A token of the view Routing on the Top-k page."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.core.screen.page_screen import PageScreen
from gui.core.state.scores import Override
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.routing_audit import compared_of
from gui.pages.checkpoint.show.routing import RouterTokens


def open_token(page: PageScreen, data: str) -> None:
    """Show on Top-k what is compared of a token: its row of the array, or the numbers by hand."""
    shown = page.shown(RouterTokens)
    if shown is None or shown.scores is None or shown.audit is None:
        return
    scores, number, store = shown.scores, int(data), page.context.store
    fields: dict[str, Any] = {"k": float(shown.audit.k)}
    active = store["selection"].active
    is_whole = shown.formula != "sigmoid_bias" and shown.grouping[0] == shown.grouping[1]
    if scores.source is not None and scores.source == active and is_whole:
        fields |= {"override": None, "axis": "row", "position": number}
    else:
        place = int(np.flatnonzero(scores.numbers == number)[0])
        row = compared_of(scores, shown.formula, shown.grouping, place)
        fields["override"] = Override(active, "pasted", row)
    store.replace("topk", label=tr("token {number}", number=number), **fields)
    page.context.show_page("topk")
