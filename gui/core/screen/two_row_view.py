"""A page of two rows: plots above, one of several lower views below, and a notice over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.core.paint.theme import SPACING, Theme
from gui.core.screen.services import Remembers
from gui.core.screen.splitter import Splitter
from gui.core.widgets.notice import Notice
from gui.core.widgets.page_view import PlotsView
from gui.core.widgets.tabs import FittingTabs


class TwoRowView(PlotsView):
    """A page builds its plots and tabs, then calls `stack` once.

    ``notice_chosen(key)`` is a button of the notice, ``view_chosen(key)`` a lower view that a
    person brought to the front.
    """

    notice_chosen = Signal(str)
    view_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.notice = Notice()
        self.notice.lie_over(self)
        self.notice.chosen.connect(self.notice_chosen)
        self.upper = Splitter(Qt.Orientation.Horizontal)
        self.panes = Splitter(Qt.Orientation.Vertical)

    def stack(
        self,
        tabs: FittingTabs,
        pages: Mapping[str, Splitter],
        shares: Sequence[int],
        settings: Remembers,
        page: str,
    ) -> None:
        """Put ``upper`` over ``tabs``, whose parts ``pages`` names, by ``shares`` of height.

        ``settings`` keep where a person puts the dividers of this ``page``.
        """
        self.tabs, self._pages = tabs, dict(pages)
        for key, one in {"": self.panes, "above": self.upper, **pages}.items():
            one.remember(settings, f"{page}.{key}")
        tabs.currentChanged.connect(lambda _: self.view_chosen.emit(self.lower_key()))
        self.panes.addWidget(self.upper)
        self.panes.addWidget(tabs)
        self.panes.set_shares(shares)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [SPACING]))
        column.addWidget(self.panes, 1)
        self.notice.raise_()

    def lower_key(self) -> str:
        """Return the key of the lower view in front."""
        current = self.tabs.currentWidget()
        return next(key for key, page in self._pages.items() if page is current)

    def set_lower(self, key: str) -> None:
        """Bring a lower view to the front; emits nothing."""
        if key in self._pages:
            with QSignalBlocker(self.tabs):
                self.tabs.setCurrentWidget(self._pages[key])

    def _show_alone(self, alone: QWidget | None) -> None:
        below = alone is not None and self.tabs.isAncestorOf(alone)
        for other in self.plots.values():
            other.setVisible(alone is None or alone is other)
        self.upper.setVisible(not below)
        self.tabs.setVisible(alone is None or below)
