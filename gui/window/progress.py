"""The progress of the running computations in the status bar, with a button that stops them."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.core.paint.head.labels import ElidedLabel
from gui.core.paint.theme import SPACING
from gui.core.state.jobs import Runs
from gui.core.words.i18n import tr, tr_sentence

DELAY_MS = 250  # work shorter than this shows nothing: it would only flicker
WORDS = 240  # pixels: what is done, in words, must not widen the window


class ProgressLine(QWidget):
    """Hidden while nothing has been running for long."""

    def __init__(self, runner: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._text = ElidedLabel()
        self._text.setMinimumWidth(WORDS)
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setMaximumWidth(180)
        self._bar.setAccessibleName(tr("Progress of the computation"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(tr("Stop the running computations (Esc)"))
        self.cancel_button.clicked.connect(runner.cancel_all)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        # A stretch, or the layout cuts the words, which wish for nothing, below their minimum.
        row.addWidget(self._text, 1)
        row.addWidget(self._bar)
        row.addWidget(self.cancel_button)
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self.show)
        runner.busy_changed.connect(self._when_busy)
        runner.progressed.connect(self._when_progressed)
        self.hide()

    def shutdown(self) -> None:
        """Let go of the runner."""
        self._delay.stop()
        self._runner.busy_changed.disconnect(self._when_busy)
        self._runner.progressed.disconnect(self._when_progressed)

    def _when_busy(self, busy: bool) -> None:
        if busy:
            self._text.set_text(tr("Computing…"))
            self._bar.setRange(0, 0)
            self._delay.start()
        else:
            self._delay.stop()
            self.hide()

    def _when_progressed(self, _channel: str, fraction: float, text: str) -> None:
        if fraction > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * fraction))
        if text:
            self._text.set_text(tr_sentence(text))
