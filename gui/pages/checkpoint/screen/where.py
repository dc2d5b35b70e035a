"""The line that names a scheduler whose workers compute, and a button that starts a local one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from gui.core.paint.theme import SPACING
from gui.core.screen.page_screen import PageScreen
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.checkpoint.compute.sweep import workers
from gui.pages.checkpoint.compute.where import StartLocal

CHANNEL = "checkpoint.workers"
_KEY = "checkpoint.address"


class Where:
    """``chosen(address)`` is told where a sweep is to be computed from now on, "" for here.

    An address outlives the session, that of local workers does not: they end with the window.
    """

    def __init__(self, screen: PageScreen, chosen: Callable[[str], None]) -> None:
        self._context, self._chosen = screen.context, chosen
        self._local: Any = None
        self.address = self._context.settings.value(_KEY, "")
        self.line = QLineEdit(self.address, clearButtonEnabled=True)
        self.line.setPlaceholderText(tr("workers: this computer"))
        self.line.setAccessibleName(tr("Scheduler"))
        self.line.setToolTip(
            tr(
                "A running Dask scheduler whose workers compute the rows, as in tcp://host:8786; "
                "empty: this computer"
            )
        )
        self.line.editingFinished.connect(lambda: self.set(self.line.text()))
        self.button = QPushButton()
        self.button.clicked.connect(self._start_or_end)
        self.widget = QWidget()
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self._show()

    def set(self, text: str) -> None:
        """Have rows computed at an address."""
        address = text.strip()
        if self.line.text() != address:
            self.line.setText(address)
        if address == self.address:
            return
        if self._local is not None and address != self._local.address:
            self._end()
        self.address = address
        if self._local is None:
            self._context.settings.set_value(_KEY, address)
        self._show()
        self._chosen(address)

    def shutdown(self) -> None:
        """End the local workers."""
        self._context.runner.cancel(CHANNEL)
        self._end()

    @property
    def _is_starting(self) -> bool:
        return self._context.runner.is_busy(CHANNEL)

    def _start_or_end(self) -> None:
        if self._is_starting:
            self._context.runner.cancel(CHANNEL)
        elif self._local is not None:
            self.set("")
            return
        else:
            self._context.runner.submit(
                *(CHANNEL, StartLocal(workers()), self._started, self._failed),
                title=tr("Starting workers on this machine"),
            )
        self._show()

    def _started(self, _request: object, local: Any) -> None:
        self._local = local
        self.set(local.address)
        self._show()

    def _failed(self, _request: object, error: BaseException) -> None:
        self._context.notify(tr_sentence(error), "error")
        self._show()

    def _end(self) -> None:
        if self._local is not None:
            self._local.close()
            self._local = None

    def _show(self) -> None:
        if self._is_starting:
            words, tip = tr("Cancel"), tr("Start no workers")
        elif self._local is not None:
            words, tip = tr("End"), tr("End the local workers; rows are computed by this window")
        else:
            words = tr("Local…")
            tip = tr("Start a scheduler with workers on this computer, for trying")
        self.button.setText(words)
        self.button.setToolTip(tip)
