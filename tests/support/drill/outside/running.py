"""A program with its window up, in the process of a check."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from gui.app import Application
from gui.window.reporting import Reporting
from gui.window.settings import Settings

LOOK_MS = 30


class Program:
    """A window over settings and session of ``folder/config``.

    Attributes
    ----------
    caught : list of str
        Reports of what nobody caught.
    """

    def __init__(self, folder: Path, page: str = "") -> None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        self.qt = QApplication.instance() or QApplication(["rankscope"])
        self.folder, self.caught = folder, list[str]()
        self._reporting = Reporting(folder / "log")
        self._reporting.__enter__()
        self._reporting.caught.connect(lambda _, report: self.caught.append(report))
        settings = Settings(str(folder / "config" / "rankscope.ini"))
        if page:
            settings.set_value("window/page", page)
        self.application = Application(self.qt, settings=settings)
        self.application.show()

    @property
    def store(self):
        return self.application.store

    @property
    def window(self):
        return self.application.window

    def wait(self, condition: Callable[[], object], seconds: float = 240.0) -> bool:
        """Let events go on until something is true; return whether it is."""
        loop, timer, end = QEventLoop(), QTimer(interval=LOOK_MS), time.monotonic() + seconds

        def look() -> None:
            if condition() or time.monotonic() > end:
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        loop.exec()
        return bool(condition())

    def rest(self, seconds: float = 240.0) -> None:
        """Wait until nothing runs, six looks in a row."""
        looks = list[bool]()

        def quiet() -> bool:
            looks.append(self.application.context.runner.is_busy())
            return len(looks) > 6 and not any(looks[-6:])

        assert self.wait(quiet, seconds), "it does not come to rest"

    def open(self, *paths: Path | str) -> None:
        """Open files as a drop does, and wait."""
        self.application.open_paths([str(path) for path in paths])
        self.rest()

    def said(self) -> str:
        """All that has been said, a line a message."""
        return "\n".join(message.text for _, message in self.window.messages.said)

    def end(self) -> None:
        """Close the window; nothing may have gone uncaught."""
        self.window.close()
        assert not self.caught, self.caught[0][-900:]
