"""Tabs whose titles are whole: with room for descenders, and shorter where the window is narrow."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QTabBar, QTabWidget, QWidget

from gui.core.widgets.wheel_shy import WheelShy

_LEAST = 6  # pixels beside the title of a tab
_SPACE = QStyle.PixelMetric.PM_TabBarTabHSpace


class _Close(QProxyStyle):
    """Less room beside the title of a tab: ``room`` pixels, on both sides together."""

    room = 0

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        return self.room if metric == _SPACE else super().pixelMetric(metric, option, widget)


class _RoomyTabBar(WheelShy, QTabBar):
    """Tabs with room for descenders.

    Fusion draws the text of a tab that is not in front lower and takes the shift off the height of
    the text, whose lowest row of pixels is cut then.
    """

    def tabSizeHint(self, index: int) -> QSize:
        shift = self.style().pixelMetric(QStyle.PixelMetric.PM_TabBarTabShiftVertical, None, self)
        return super().tabSizeHint(index) + QSize(0, shift)


class RoomyTabs(QTabWidget):
    """Tabs over a view, none of whose letters is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabBar(_RoomyTabBar())
        self.setDocumentMode(True)


class FittingTabs(RoomyTabs):
    """Every tab has a title and a short one; the short ones stand where not all titles fit.

    Where those do not fit either, less room is left beside them: a tab out of sight behind a
    scroll arrow is a view that nobody finds.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: list[tuple[str, str]] = []
        self._tips: list[str] = []
        self._close = _Close("Fusion")
        self._close.setParent(self)

    def add(self, page: QWidget, title: str, short: str, tooltip: str) -> None:
        """Add a tab; the tooltip begins with the full title."""
        self._titles.append((title, short))
        index = self.addTab(page, title)
        self._tips.append(f"{title}: {tooltip}")
        self.setTabToolTip(index, self._tips[index])

    def set_usable(self, index: int, usable: bool, why: str) -> None:
        """Let a tab be chosen or not; its tooltip says why not."""
        tip = self._tips[index] if usable else why
        if self.tabToolTip(index) == tip:
            return  # changing a tab lays the whole page out anew
        with QSignalBlocker(self):
            self.setTabEnabled(index, usable)
        self.setTabToolTip(index, tip)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        bar = self.tabBar()
        if not self._titles:
            return
        space = self.style().pixelMetric(_SPACE, None, bar)
        long, short = (
            sum(bar.fontMetrics().horizontalAdvance(title) + space + 1 for title in titles)
            for titles in zip(*self._titles, strict=True)
        )
        is_long, is_close = long <= self.width(), short > self.width()
        # Half of it, or as much as fits.
        room = space - math.ceil((short - self.width()) / len(self._titles))
        room = max(_LEAST, min(room, space // 2)) if is_close else 0
        if room != (self._close.room if bar.style() is self._close else 0):
            self._close.room = room
            bar.setStyle(None)  # type: ignore[arg-type]  # the usual one
            if is_close:
                bar.setStyle(self._close)
        for index, titles in enumerate(self._titles):
            text = titles[0] if is_long else titles[1]
            if bar.tabText(index) != text:
                bar.setTabText(index, text)
