"""A bar at the top of the window that says one thing in words and can be closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QToolButton,
    QWidget,
)

from gui.core.words.i18n import tr

_ICONS = {
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
}
_MOST_LINES = 6


class MessageBar(QFrame):
    """Shows the latest message; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._icon = QLabel()
        self.label = QLabel(wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.label.setAccessibleName(tr("Message"))
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setIcon(
            self.style().standardIcon(QStyle.StandardPixmap.SP_TitleBarCloseButton)
        )
        self.close_button.setToolTip(tr("Close this message"))
        self.close_button.setAccessibleName(tr("Close this message"))
        self.close_button.clicked.connect(self.clear)
        self.action_button = QPushButton()
        self.action_button.hide()
        self.action_button.clicked.connect(self._act)
        self._action: Callable[[], None] | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.action_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.severity = ""
        self.hide()

    def show_message(
        self, text: str, severity: str, action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Show ``text``; ``severity`` is "info", "warning" or "error".

        An ``action`` is a button beside it: its label, and what it does.
        """
        lines = text.splitlines()
        if len(lines) > _MOST_LINES:
            more = tr("… and {count} more", count=len(lines) - _MOST_LINES)
            lines = [*lines[:_MOST_LINES], more]
        icon = self.style().standardIcon(_ICONS.get(severity, _ICONS["info"]))
        self._icon.setPixmap(icon.pixmap(QSize(20, 20)))
        self.label.setText("\n".join(lines))
        self.severity = severity
        self._action = action[1] if action else None
        self.action_button.setText(action[0] if action else "")
        self.action_button.setVisible(action is not None)
        self.show()

    def _act(self) -> None:
        if self._action is not None:
            self._action()

    def clear(self) -> None:
        """Hide the bar."""
        self.label.clear()
        self.severity = ""
        self.hide()
