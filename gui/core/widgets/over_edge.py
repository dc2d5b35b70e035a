"""What lies over the lower edge of a page: it comes and goes, and nothing else moves by a pixel."""

from __future__ import annotations

from weakref import WeakSet

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QFrame, QStyle, QToolButton, QWidget
from shiboken6 import isValid

from gui.core.paint.head.labels import PlainLabel
from gui.core.words.i18n import tr

TOP = Qt.AlignmentFlag.AlignTop
_MADE: WeakSet[OverEdge] = WeakSet()


class Sentence(PlainLabel):
    """What a message says: read aloud, reached by Tab, copied by mouse or keys."""

    def __init__(self, kind: str) -> None:
        super().__init__(wordWrap=True)
        flag = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flag.TextSelectableByMouse | flag.TextSelectableByKeyboard)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(kind)


class OverEdge(QFrame):
    """A frame in no layout: as wide as the widget it lies over, as high as its words need.

    Where several lie over one window, each lies on the one before.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _MADE.add(self)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setIcon(
            self.style().standardIcon(QStyle.StandardPixmap.SP_TitleBarCloseButton)
        )
        self.close_button.setToolTip(tr("Close this message"))
        self.close_button.setAccessibleName(tr("Close this message"))
        self.hide()

    def lie_over(self, page: QWidget) -> None:
        """Lie over the lower edge of ``page`` from now on."""
        shown = not self.isHidden()
        self.setParent(page)
        page.installEventFilter(self)
        self.setVisible(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self.settle()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest):
            self.settle()
        return done

    def settle(self) -> None:
        """Put all that lie over this window in their places."""
        window = self.window()
        seen = lying_over(window)
        if len(seen) > 1:  # in their order; to look through all of a window takes milliseconds
            seen = [one for one in window.findChildren(OverEdge) if one.isVisible()]
        floor = window.height()
        for one in seen:
            floor = one._lie_on(floor, window)

    def _lie_on(self, floor: int, window: QWidget) -> int:
        """Lie on ``floor``, a height of ``window``, and return where the next one may lie."""
        page = self.parentWidget()
        if page is None:
            return floor
        above = page.mapTo(window, QPoint(0, 0)).y()
        bottom = min(floor - above, page.height())
        height = min(self._height_in(page.width()), bottom)
        self.setGeometry(0, bottom - height, page.width(), height)
        self.raise_()
        return above + bottom - height

    def _height_in(self, width: int) -> int:
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            return int(layout.totalHeightForWidth(width))
        return self.sizeHint().height()


def lying_over(window: QWidget) -> list[OverEdge]:
    """Return all that lie over parts of a window now."""
    return [one for one in _MADE if isValid(one) and one.isVisible() and one.window() is window]
