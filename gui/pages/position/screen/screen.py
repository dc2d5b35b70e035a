"""The Position page on the screen: a click on a head, and its weights sent to other pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.screen.page_screen import PageScreen
from gui.core.widgets.controls import set_usable
from gui.core.words.i18n import tr
from gui.pages.position.compute.heads import Chosen, Cutting, ReadLayer
from gui.pages.position.show.heads import WEIGHTS, HeadsTable

# The engine's names of what a person types here.
_CONTROLS = {"heads": "head_count", "groups": "group_count"}


class Screen(PageScreen):
    """The page object of the window."""

    def build(self) -> None:
        """Add the buttons, and let a click in the table choose a head."""
        self.tables[HeadsTable.key].chosen.connect(self._choose_head)
        section = self.controls.section_of(WEIGHTS.key)
        self.send: dict[str, QPushButton] = {}
        self._tip = tr("Selects the weights of this head and shows them there")
        for key, words in (("spectrum", tr("Head to Spectrum")), ("topk", tr("Head to Top-k"))):
            button = self.send[key] = QPushButton(words)
            button.setToolTip(self._tip)
            button.clicked.connect(partial(self._send, key))
            section.add(button)

    def _choose_head(self, data: str) -> None:
        self.conductor.seal()
        self.conductor.edit("head", int(data))
        self.conductor.seal()

    def _send(self, page: str) -> None:
        """Select the block of rows that the head is, as an array of its own, and show it."""
        now = self.conductor.present()
        cutting, head, side = (now.look(one) for one in (ReadLayer, Chosen.head, Chosen.side))
        if not isinstance(cutting, Cutting):
            return
        ref = cutting.refs[side][min(head, len(cutting.refs[side]) - 1)]
        store = self.context.store
        views = store["selection"].with_view(ref)
        store.replace("selection", label=tr("head {head}", head=head), active=ref, views=views)
        self.context.show_page(page)

    def argument_of(self, error: BaseException) -> str:
        """Return the parameter that an error is about, "" where it is about none."""
        argument = super().argument_of(error)
        return _CONTROLS.get(argument, argument)

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date."""
        super().tell(now, changed)
        if changed is None or ReadLayer in changed:
            cutting = now.look(ReadLayer)
            why = tr("There are no heads yet: open a checkpoint first.")
            usable = not isinstance(cutting, Missing) and cutting is not None
            for button in self.send.values():
                set_usable(button, usable, self._tip, why)
