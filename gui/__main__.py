"""Command line: ``rankscope [FILE ...]`` and ``rankscope render FILE --figure KEY --out F``."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from gui import __version__
from gui.command_line import Parser, printed, speak
from gui.core.figure.palette import THEMES
from gui.core.words.i18n import tr
from gui.core.work.blas import keep_to_one
from gui.plain_imports import plain_imports
from gui.platform_check import start_problem

if TYPE_CHECKING:
    from gui.link.seat import Seat

# Commands without a window, each in a module of its own.
_COMMANDS = {
    "render": "gui.render",
    "report": "gui.report",
    "sweep": "gui.sweep",
    "plugins": "gui.plugins",
    "test-plugin": "gui.plugin_suites",
}


def _parser() -> Parser:
    parser = Parser(
        "rankscope",
        tr("Live soft Top-k plots and singular value spectra of your own matrices."),
        tr("without a display")
        + ":\n  rankscope render FILE --figure spectrum --out spectrum.svg"
        + "\n  rankscope report FILE --figures spectrum,topk --out report.html"
        + "\n  rankscope sweep FOLDER --out table.csv"
        + "\n  rankscope render --help"
        + "\n  rankscope plugins"
        + "\n  rankscope test-plugin DISTRIBUTION",
    )
    parser.files.add_argument("files", nargs="*", metavar="FILE", help=tr("files to open"))
    add = parser.options.add_argument
    add("--version", action="version", version=f"rankscope {__version__}", help=tr("the version"))
    add("--page", default="", help=tr("page to show first, e.g. spectrum"))
    add("--theme", choices=("auto", *THEMES), help=tr("colours to start with"))
    add("--size", default="", metavar="WxH", help=tr("window size, e.g. 1440x900"))
    add(
        "--screenshot",
        default="",
        metavar="PNG",
        help=tr("save a picture of the window once everything is drawn, then quit"),
    )
    add(
        "--fresh",
        action="store_true",
        help=tr("neither restore nor save the session and settings"),
    )
    add(
        "--new-window",
        action="store_true",
        help=tr("open another window, also where one is open that could have the files"),
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return printed(lambda: _main(words))


def _main(words: list[str]) -> int:
    if words[:1] and words[0] in _COMMANDS:
        command: Callable[[list[str]], int] = import_module(_COMMANDS[words[0]]).main
        return command(words[1:])
    keep_to_one(os.environ)  # before anything imports NumPy
    speak(words)
    options = _parser().parse_args(words)
    seat = _seat(options)
    if seat is not None and seat.handed:
        return 0
    if problem := start_problem(os.environ, tr=tr):
        print(problem, file=sys.stderr)
        return 1
    # Nothing of what a start makes is garbage: 25 ms. Afterwards the application collects.
    gc.disable()
    try:
        return _run(options, seat)
    finally:
        gc.enable()


def _seat(options: argparse.Namespace) -> Seat | None:
    """Return how the window is reached; None on systems where no other process reaches it."""
    try:
        from gui.link.seat import take_seat
    except ImportError:
        return None
    own = options.fresh or bool(options.screenshot)
    return take_seat(options.files, own=own, another=options.new_window)


def _warm_readers() -> None:
    from engine.apart import READERS  # nobody needs it before the first paint

    READERS.warm()


def _run(options: argparse.Namespace, seat: Seat | None) -> int:
    from gui.pages import PAGES  # before PySide6, which reads the source of what comes after it

    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    from contextlib import ExitStack
    from pathlib import Path

    from PySide6.QtCore import QStandardPaths, QTimer
    from PySide6.QtWidgets import QApplication

    with plain_imports():
        from gui.app import Application
        from gui.core.export.files import temporary_folder
        from gui.core.work.memory import keep_few_pools
        from gui.window.reporting import Reporting
        from gui.window.session.leaving import Leaving
        from gui.window.settings import Settings
        from gui.window.warming import DELAY_MS, Warming

    keep_few_pools()
    if options.files:
        _warm_readers()  # what it imports is there when the window is
    pages = [page.key for page in PAGES if page.place == "centre"]
    if options.page and options.page not in pages:
        words = tr("There is no page “{name}”; there are {names}.")
        print(words.format(name=options.page, names=", ".join(pages)), file=sys.stderr)
        return 2
    qt = QApplication.instance() or QApplication(["rankscope"])
    assert isinstance(qt, QApplication)
    qt.setApplicationName("rankscope")
    qt.setDesktopFileName("rankscope")
    with ExitStack() as stack:
        settings = None
        logs = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.StateLocation)
        if options.fresh:
            logs = stack.enter_context(temporary_folder())
            settings = Settings(os.path.join(logs, "rankscope.ini"))
        settings = settings or Settings()
        reporting = stack.enter_context(Reporting(Path(logs)))
        for name in ("theme", "language"):
            if value := getattr(options, name):
                settings.set_value(name, value)
        application = Application(
            qt,
            settings=settings,
            autosave=not options.fresh,
            frame_first=not options.screenshot,
        )
        reporting.caught.connect(application.tell_mistake)
        if size := _size(options.size):
            application.window.take_size(*size)
        application.window.show_page(options.page)
        # What the start has made stays: full collections would walk through all of it again and
        # again, 60 ms each, and the window would wait for them.
        application.window.screens.front_built.connect(gc.freeze)
        application.show()
        if seat is not None and seat.listener is not None:
            application.serve(seat)
        elif seat is not None and seat.problem:
            application.context.notify(seat.problem, "warning")
        application.open_paths(options.files)
        if options.screenshot:
            application.save_screenshot_when_idle(options.screenshot)
        else:
            Warming(qt).start()
            QTimer.singleShot(DELAY_MS, _warm_readers)

        def leave(number: int) -> None:
            application.window.close()
            qt.exit(128 + number)

        stack.callback(Leaving(leave).stop)
        return int(qt.exec())


def _size(text: str) -> tuple[int, int] | None:
    width, _, height = text.partition("x")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else None


if __name__ == "__main__":
    sys.exit(main())
