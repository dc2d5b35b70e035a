"""What nobody caught: into a log that rotates, and once, in words, to the person.

Everything goes through `logging`. A record of level ERROR that carries an exception is a mistake
of ours: hooks make one of what reaches the top of a thread, the runner of what a computation
raises that is no answer. Qt's own messages and what a crash leaves (`faulthandler`) lie in the
same file.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import threading
import traceback
from collections import deque
from importlib.metadata import version
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QMessageBox

from gui import __version__
from gui.core.words.i18n import language, tr

_SIZE, _FILES = 1_000_000, 3
_LINES = 40
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy")
_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_log = logging.getLogger(__name__)


class Reporting(QObject):
    """Keeps the log, and tells of what nobody caught.

    Parameters
    ----------
    folder : Path
        Where ``rankscope.log`` lies; one that cannot be written leaves the program without a file.
    """

    caught = Signal(str, str)  # a sentence, and the report to copy

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "rankscope.log"
        self._last: deque[str] = deque(maxlen=_LINES)
        self._told: set[tuple[object, ...]] = set()
        self._handlers = [_Lines(self._last), _Errors(self._tell), *_terminal(), *_file(self.path)]
        for handler in self._handlers:
            handler.setFormatter(logging.Formatter(_LINE))

    def __enter__(self) -> Self:
        """Take over the hooks of Python and Qt."""
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.INFO)
        for handler in self._handlers:
            root.addHandler(handler)
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread
        sys.unraisablehook = _unraisable
        qInstallMessageHandler(_said_by_qt)
        _log.info("Rankscope %s, process %d", __version__, os.getpid())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        """Give the hooks back and close the file; what ends the program now is told, too."""
        if isinstance(error, Exception):
            _log.critical("the program ended", exc_info=error)
            if sys.stderr is None:
                QMessageBox.critical(None, "Rankscope", sentence_of(error))
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)
        root = logging.getLogger()
        root.setLevel(self._level)
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()

    def _tell(self, error: BaseException) -> None:
        """Say it once: the same error from the same place is only logged."""
        frames = traceback.extract_tb(error.__traceback__)
        where = (frames[-1].filename, frames[-1].lineno) if frames else (str(error),)
        if (key := (type(error), *where)) in self._told:
            return
        self._told.add(key)
        self.caught.emit(sentence_of(error), self.report(error))

    def report(self, error: BaseException) -> str:
        """Return what helps to mend it: versions, traceback, the last lines of the log."""
        lines = [
            f"Rankscope {__version__}, Python {platform.python_version()}, {platform.platform()}",
            ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
            f"Qt platform {os.environ.get('QT_QPA_PLATFORM', '')!r}, language {language()}",
            "",
            *traceback.format_exception(error),
            "",
            *self._last,
        ]
        text = "\n".join(line.rstrip("\n") for line in lines)
        return text.replace(str(Path.home()), "~")


def sentence_of(error: BaseException) -> str:
    """Return what a person is told of an error that is our mistake."""
    said = str(error).strip().partition("\n")[0]
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return tr(
        "Something in Rankscope went wrong ({what}). Your work is kept; if anything looks "
        "odd, start again. The report helps to mend it.",
        what=what,
    )


class _Lines(logging.Handler):
    """Remembers the last lines."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


class _Errors(logging.Handler):
    """Hands over the exceptions of records that carry one."""

    def __init__(self, tell: Any) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and (error := record.exc_info[1]) is not None:
            self._tell(error)


class _File(RotatingFileHandler):
    """The log file; what a crash leaves goes to the same one."""

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        faulthandler.enable(stream)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:
        """Go on: a full disk must not fill the terminal, too."""

    def close(self) -> None:
        faulthandler.disable()
        super().close()


def _file(path: Path) -> list[logging.Handler]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return [_File(path, maxBytes=_SIZE, backupCount=_FILES, encoding="utf-8")]
    except OSError:
        return []


def _terminal() -> list[logging.Handler]:
    if sys.stderr is None:  # a start without a terminal, on Windows
        return []
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    return [handler]


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, Exception):  # Ctrl+C
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("nobody caught this", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and found.exc_type is not SystemExit:
        name = found.thread.name if found.thread else "?"
        info = (found.exc_type, found.exc_value, found.exc_traceback)
        _log.critical("nobody caught this in thread %s", name, exc_info=info)


def _unraisable(found: Any) -> None:
    """What a destructor raises: nobody waits for it, so it is only logged."""
    _log.warning("%s: %r: %r", found.err_msg or "ignored", found.object, found.exc_value)


def _said_by_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    category = context.category or "default"
    logging.getLogger("qt").log(_LEVELS[kind], "%s: %s", category, message)
