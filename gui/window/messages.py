"""What the program says: where each sentence stands, for how long, and the last fifty of them."""

from __future__ import annotations

import math
import time
from collections import deque
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.head.labels import ElidedLabel
from gui.core.paint.theme import SPACING
from gui.core.widgets.heard import announce
from gui.core.widgets.message_bar import Action, Message, MessageBar
from gui.core.words.i18n import tr

INFO_MS = 8000
REST_MS = 600  # without work until a result is said to be there
LONG = 1.0  # seconds; of work that took so long the end is said though nothing else is shown
REMEMBERED = 50


class StatusLine(QWidget):
    """What is shown, and the latest information; both are cut rather than widen the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary, self.message = ElidedLabel(), ElidedLabel()
        self.message.setAccessibleDescription(tr("Message"))
        self.message.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.summary, 1)
        row.addWidget(self.message, 1)
        self._began: float | None = None
        self._spoken = ""
        self._over = False
        self._resting = QTimer(self, singleShot=True, interval=REST_MS)
        self._resting.timeout.connect(self._tell_result)

    def heed(self, busy: bool) -> None:
        """Work begins, or has ended: what is shown then is read aloud, once."""
        if self._over:
            return
        if busy:
            self._resting.stop()
            self._began = self._began if self._began is not None else time.monotonic()
        else:
            self._resting.start()

    def shutdown(self) -> None:
        """Say nothing more, also of work that ends after the window."""
        self._over = True
        self._resting.stop()

    def _tell_result(self) -> None:
        took = time.monotonic() - (self._began if self._began is not None else math.inf)
        self._began = None
        shown = self.summary.text()
        if shown and (shown != self._spoken or took > LONG):
            self._spoken = shown
            announce(self.summary, tr("Ready: {what}", what=shown))


class Messages:
    """Information stands in the status line and goes; warnings and errors lie over the page.

    So does whatever has a button that answers it.
    """

    def __init__(self, bar: MessageBar, line: StatusLine) -> None:
        self.bar, self.line = bar, line
        self.said: deque[tuple[datetime, Message]] = deque(maxlen=REMEMBERED)
        self._going = QTimer(line, singleShot=True, interval=INFO_MS)
        self._going.timeout.connect(self.forget_information)

    def tell(
        self, text: str, severity: str, action: Action | None = None, other: Action | None = None
    ) -> None:
        """Say ``text``; ``severity`` is "info", "warning" or "error"."""
        message = Message(text, severity, action, other)
        self.said.append((datetime.now(), message))
        if severity != "info" or action is not None:
            self.bar.show_message(message)
            announce(self.bar.label, text, urgent=severity != "info")
            return
        self.line.message.set_text(" ".join(text.split()))
        self.line.message.show()
        announce(self.line.message, text)
        self._going.start()

    def forget_information(self) -> None:
        """Empty the status line: eight seconds have passed, or another page is in front."""
        self._going.stop()
        self.line.message.set_text("")
        self.line.message.hide()

    def text(self) -> str:
        """Return what is in sight, the bar's first."""
        shown = (self.bar.label, self.line.message)
        return "\n".join(one.text() for one in shown if one.text())

    def take_over(self, other: Messages) -> None:
        """Remember what another window has said."""
        self.said.extend(other.said)


class MessagesDialog(QDialog):
    """The last messages, newest first, to be read again and copied."""

    def __init__(self, messages: Messages, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Messages"))
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName(tr("Messages"))
        self.text.setTabChangesFocus(True)
        lines = [_line(time, message) for time, message in reversed(messages.said)]
        self.text.setPlainText("\n".join(lines) or tr("Nothing has been said yet."))
        letter = QFontMetrics(self.text.font()).horizontalAdvance("x")
        self.text.setMinimumSize(80 * letter, 30 * letter)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [2 * SPACING]))
        column.setSpacing(2 * SPACING)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)


def _line(time: datetime, message: Message) -> str:
    templates = {"warning": tr("Warning: {said}"), "error": tr("Error: {said}")}
    said = templates.get(message.severity, "{said}").format(said=message.text)
    return f"{time:%H:%M:%S}  {said}"
