"""A warning or an error over the lower edge of the page, until a person closes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStyle, QWidget

from gui.core.widgets.over_edge import TOP, OverEdge, Sentence
from gui.core.words.i18n import tr
from gui.frozen import dataclass

_ICONS = {
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
}
_MOST_LINES = 6
Action = tuple[str, Callable[[], None]]


@dataclass(frozen=True)
class Message:
    """A sentence; ``severity`` is "info", "warning" or "error".

    An ``action`` is a button that answers it: its label, and what it does; ``other`` another one.
    """

    text: str
    severity: str
    action: Action | None = None
    other: Action | None = None


class MessageBar(OverEdge):
    """Shows the latest message; closing it brings back the one before that is not closed yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open: list[Message] = []
        self._icon = QLabel()
        self.label = Sentence(tr("Message"))
        self.close_button.clicked.connect(self._close)
        self.action_button, self.other_button = QPushButton(), QPushButton()
        self.action_button.clicked.connect(lambda: self._act("action"))
        self.other_button.clicked.connect(lambda: self._act("other"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._icon, 0, TOP)
        layout.addWidget(self.label, 1)
        for button in (self.action_button, self.other_button):
            button.hide()
            layout.addWidget(button, 0, TOP)
        layout.addWidget(self.close_button, 0, TOP)

    @property
    def severity(self) -> str:
        """Of the message shown; empty where there is none."""
        return self._open[-1].severity if self._open else ""

    def show_message(self, message: Message) -> None:
        """Show ``message`` over those that are not closed yet."""
        self._open = [one for one in self._open if one.text != message.text]
        self._open.append(message)
        self._show()

    def withdraw(self, text: str) -> None:
        """Take back a message that holds no longer, closed or not."""
        self._open = [one for one in self._open if one.text != text]
        self._show()

    def _show(self) -> None:
        if not self._open:
            self.label.clear()
            self.hide()
            return
        message = self._open[-1]
        lines = message.text.splitlines()
        if len(lines) > _MOST_LINES:
            more = tr("… and {count} more", count=len(lines) - _MOST_LINES)
            lines = [*lines[:_MOST_LINES], more]
        icon = self.style().standardIcon(_ICONS.get(message.severity, _ICONS["info"]))
        self._icon.setPixmap(icon.pixmap(QSize(20, 20)))
        self.label.setText("\n".join(lines))
        for button, action in (
            (self.action_button, message.action),
            (self.other_button, message.other),
        ):
            button.setText(action[0] if action else "")
            button.setVisible(action is not None)
        self.show()

    def _act(self, which: str) -> None:
        action: Action | None = getattr(self._open[-1], which) if self._open else None
        if action is not None:
            self._close()
            action[1]()

    def _close(self) -> None:
        del self._open[-1:]
        self._show()
