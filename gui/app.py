"""The application: the only place that knows everything and wires it together."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from gui.core.declare import edits
from gui.core.declare.settling import settling
from gui.core.paint.theme import Theme, ui_font
from gui.core.screen.services import WRITTEN, Context
from gui.core.state.document import EXAMPLES_PATH, Files, Selection
from gui.core.state.library import Library
from gui.core.state.own_notes import SLICE, OwnNotes
from gui.core.state.store import Store
from gui.core.widgets.dialogs import Dialogs
from gui.core.widgets.heard import teach_roles
from gui.core.words import i18n
from gui.core.words.i18n import tr
from gui.core.work.garbage import Collecting
from gui.core.work.memory import GivingBack
from gui.core.work.rest import Rest, is_about_to_act
from gui.core.work.runner import Runner
from gui.pages import PAGES
from gui.pages.sources.screen import Screen as Sources
from gui.plain_imports import plain_imports
from gui.window.figure_return import PICTURES, FigureReturn
from gui.window.finding.finder import Finder
from gui.window.following import Following, set_follows
from gui.window.session.autosave import SESSION, Autosave, read_session
from gui.window.session.leftovers import ClearLeftovers
from gui.window.session.own_file import OwnFile, ask_place
from gui.window.settings import Settings
from gui.window.window import MainWindow

if TYPE_CHECKING:
    from gui.link.seat import Seat
    from gui.window.shown.arrivals import Arrivals

_log = logging.getLogger(__name__)


class Application(QObject):
    """One running Rankscope: state, services and window.

    Parameters
    ----------
    qt : QApplication
        The Qt application, already made.
    settings, dialogs : optional
        Replaced by tests.
    autosave : bool
        Whether the session is restored at the start and saved while working.
    frame_first : bool
        Whether the window's frame is painted before the page in it is built.
    """

    def __init__(
        self,
        qt: QApplication,
        *,
        settings: Settings | None = None,
        dialogs: Dialogs | None = None,
        autosave: bool = True,
        frame_first: bool = False,
    ) -> None:
        super().__init__()
        teach_roles()
        self._qt = qt
        settings = settings or Settings()
        i18n.set_language(settings.value("language", "") or i18n.system_language())
        self._qt_words = QTranslator(self)
        missing_font = self._speak()
        theme = Theme()
        theme.set_mode(settings.value("theme", "auto"))
        theme.apply(qt)
        slices = {page.key: page.state() for page in PAGES}
        initial = {"files": Files(), "selection": Selection(), SLICE: OwnNotes(), **slices}
        self.store = Store(initial, ("files",), settling(PAGES))
        runner = Runner(self)
        self._giving_back, self._collecting = GivingBack(runner, self), Collecting(self)
        self.finder = Finder(self.store, runner, Path(settings.path).parent)
        self.context = Context(
            store=self.store,
            runner=runner,
            library=Library(),
            theme=theme,
            settings=settings,
            dialogs=dialogs or Dialogs(),
            finds=self.finder,
            notify=self._notify,
            show_page=lambda key: self.window.show_page(key),
            offer=lambda words, label, act: self.window.messages.tell(words, "info", (label, act)),
            withdraw=lambda words: self.window.messages.bar.withdraw(words),
        )
        self.own_file = OwnFile(self.context)
        self._autosave: Autosave | None = None
        notices: tuple[str, ...] = ()
        cleaned = {page.key: partial(edits.cleaned, page) for page in PAGES}
        if autosave:
            folder = Path(settings.path).parent
            self._autosave = Autosave(self.store, folder, cleaned)
            notices = self._autosave.restore(str(settings.value("window/page", "")))
            self._autosave.troubled.connect(self._tell_trouble)
            known = (
                str(folder),
                *(settings.value(f, "") for f in ("export/folder", "last_folder")),
                *settings.value(WRITTEN, [""]),
            )
            places = tuple(dict.fromkeys(one for one in known if one))
            clear = ClearLeftovers(places, tempfile.gettempdir())
            self.context.runner.submit("leftovers", clear, lambda *_: None)
        self._trouble, self._cleaned = "", cleaned
        self.arrivals: Arrivals | None = None
        with plain_imports():  # the page in front and the examples bring their own modules
            self.window = self._make_window(frame_first)
        self._returning = FigureReturn(
            self.context,
            lambda paths: self.sources.open_paths(paths),
            lambda key: self.window.show_page(key),
            cleaned,
            lambda words, paths: self.sources.former.offer(words, paths),
        )
        self.following = Following(
            self.context,
            lambda path: self.sources.reload(path),
            lambda *said: self.window.messages.tell(*said),
            self._follow,
            lambda words: self.sources.widget.mark(words),
            self,
        )
        self._select_example()
        self._reopen_files()
        for notice in (*notices, missing_font):
            if notice:
                self._notify(notice, "warning")

    def _follow(self) -> None:
        set_follows(self.context.settings, True)
        self.window.menus.refresh("page")

    # -- window -----------------------------------------------------------------------------

    def _make_window(self, frame_first: bool = False) -> MainWindow:
        window = MainWindow(self.context, PAGES, self.finder, frame_first)
        window.open_requested.connect(self.choose_files)
        window.folder_requested.connect(self.choose_folder)
        window.paths_dropped.connect(self.open_paths)
        window.recent_requested.connect(self._open_recent)
        window.export_requested.connect(self.export)
        window.copy_requested.connect(self.copy_figure)
        window.report_requested.connect(self.export_report)
        window.session_requested.connect(partial(self.own_file.save, window))
        window.language_chosen.connect(self.set_language)
        window.about_requested.connect(self.about)
        window.closing.connect(self.shutdown)
        sources = window.pages["sources"]
        assert isinstance(sources, Sources)
        self.sources = sources
        window.reload_requested.connect(sources.reload)
        sources.widget.reload_requested.connect(sources.reload)
        window.reading_requested.connect(sources.ask_reading)
        sources.widget.open_requested.connect(self.choose_files)
        sources.widget.note_requested.connect(window.show_own_note)
        sources.widget.numbers_requested.connect(lambda: window.show_view("spectrum", "entries"))
        return window

    def show(self) -> None:
        """Show the window."""
        self.window.show()

    def serve(self, seat: Seat) -> None:
        """Have other programs show arrays here, where the window can be reached."""
        from gui.window.shown.arrivals import Arrivals

        kept = self._autosave is not None
        self.arrivals = Arrivals(self.context, lambda: self.window, self.open_paths, seat, kept)

    def set_language(self, language: str) -> None:
        """Change the language: everything seen is made again from the same state."""
        from gui.window.notes.dialog import note_in_front

        if language == i18n.language():
            return
        self.context.settings.set_value("language", language)
        i18n.set_language(language)
        missing_font = self._speak()
        self.context.theme.apply(self._qt)
        old, visible = self.window, self.window.isVisible()
        noted, section = note_in_front(old)
        old.save_layout()
        old.shutdown()
        self.window = self._make_window()
        self.following.show()
        self.window.messages.take_over(old.messages)
        if self._autosave is not None and self._trouble:
            self._autosave.move_to(self._autosave.path)  # says it again
        if self.arrivals is not None:
            self.arrivals.attend()
        if visible:
            self.window.show()
        if noted:
            self.window.show_note(noted, section)
        old.closing.disconnect(self.shutdown)
        old.hide()
        old.deleteLater()
        if missing_font:
            self._notify(missing_font, "warning")

    def _speak(self) -> str:
        """Let Qt's own buttons speak the language, in a font that has its characters.

        Returns what to say where there is no such font, mostly nothing.
        """
        self._qt.removeTranslator(self._qt_words)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt_words.load(QLocale(i18n.language()), "qtbase", "_", folder):
            self._qt.installTranslator(self._qt_words)
        font, missing = ui_font(i18n.language())
        self._qt.setFont(font)
        return missing

    def _notify(self, text: str, severity: str) -> None:
        _log.log(logging.WARNING if severity == "error" else logging.INFO, "%s", text)
        self.window.messages.tell(text, severity)

    def tell_mistake(self, sentence: str, report: str) -> None:
        """Say that something of ours went wrong, with the report to copy."""

        def copy() -> None:
            QApplication.clipboard().setText(report)
            self._notify(tr("Copied: {title}", title=tr("report")), "info")

        self.window.messages.tell(sentence, "error", (tr("Copy report"), copy))

    # -- files ------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Ask for files and open them; the last folder is remembered."""
        from engine.files import FORMATS

        everything = tuple(suffix for known in FORMATS for suffix in known.suffixes)
        filters = [
            (tr("All readable files"), everything),
            *((tr(known.title), known.suffixes) for known in FORMATS),
            (tr("Pictures exported from here"), PICTURES),
            (tr("Sessions saved elsewhere"), (SESSION,)),
            (tr("All files"), ()),
        ]
        start = self.context.settings.value("last_folder", str(Path.home()))
        dialogs = self.context.dialogs
        self.open_paths(dialogs.open_files(self.window, tr("Open files"), start, filters))

    def choose_folder(self) -> None:
        """Ask for a folder, a model's or any other, and open it."""
        context = self.context
        start = context.settings.value("last_folder", str(Path.home()))
        if chosen := context.dialogs.open_folder(self.window, tr("Open folder"), start):
            self.open_paths([chosen])

    def open_paths(self, paths: Sequence[str]) -> None:
        """Open files in the background; messages say what could not be opened.

        A picture exported from here restores the state it was made in.
        """
        if paths:
            folder = os.path.dirname(os.path.abspath(paths[0]))
            self.context.settings.set_value("last_folder", folder)
            sessions = [path for path in paths if path.lower().endswith(SESSION)]
            self._returning.open_paths([path for path in paths if path not in sessions])
            for path in sessions[:1]:
                self._open_session(Path(path))

    def _open_session(self, path: Path) -> None:
        """Bring back a session that was saved elsewhere, as one step to undo."""
        page = self.window.page_key
        slices, notices = read_session(path, self.store, self._cleaned, page, last=False)
        if slices is None or notices:
            missing = tr("{path}: there is no such file.", path=path)
            self._notify(" ".join(notices) or missing, "warning")
        if slices is not None:
            self.store.restore(slices, label=tr("session"))
            if not notices:  # else what was left out would go with the next saving
                self.own_file.path = str(path)
            self._reopen_files()

    def _open_recent(self, path: str) -> None:
        if not os.path.exists(path):
            self.context.settings.remove_recent(path)
        self.open_paths([path])

    def _select_example(self) -> None:
        """Begin with a living example: the first built-in array, if nothing is selected yet."""
        if self.store["selection"].active is None:
            self.sources.select_first(EXAMPLES_PATH)

    def _reopen_files(self) -> None:
        """Open again what a restored session had open."""
        library = self.context.library
        paths = [f.path for f in self.store["files"].items if library.get(f.path) is None]
        self.sources.reopen(paths)

    def _tell_trouble(self, sentence: str) -> None:
        """Have it stand over the page that the session cannot be saved, for as long as it is so."""
        self.window.messages.bar.withdraw(self._trouble)
        if sentence:
            action = (tr("Save elsewhere…"), self.save_elsewhere)
            self.window.messages.tell(sentence, "error", action)
        elif self._autosave is not None:
            words = tr("The session is saved in {path}.", path=self._autosave.path)
            self._notify(words, "info")
        self._trouble = sentence

    def save_elsewhere(self) -> None:
        """Ask for another place for the session, and keep it there as long as this runs."""
        if self._autosave is None:
            return
        chosen = ask_place(self.context, self.window, tr("Save the session elsewhere"))
        if chosen:
            self._autosave.move_to(Path(chosen))
        else:
            self._tell_trouble(self._autosave.trouble)

    # -- figures ----------------------------------------------------------------------------

    def export(self) -> None:
        """Offer the figures of the page in front for export."""
        from gui.window.exporting import export_figures

        export_figures(self.context, self.window)

    def export_report(self) -> None:
        """Write what is on the screen as one HTML file."""
        from gui.window.exporting import export_report

        export_report(self.context, self.window)

    def copy_figure(self) -> None:
        """Put the focused figure on the clipboard; drawn in the background."""
        from gui.window.exporting import copy_figure

        copy_figure(self.context, self.window)

    def about(self) -> None:
        """Say what this is."""
        from gui.window.about import AboutDialog

        AboutDialog(self.context, self.window).open()

    # -- pictures of the window -------------------------------------------------------------

    def save_screenshot_when_idle(self, path: str) -> None:
        """Save a picture of the window once everything is computed and drawn, then quit."""
        self.sources.asking.by_itself = False
        self.window.screens.builds_more = False
        rest = Rest(lambda: self.window.is_busy or is_about_to_act(self.window), self)

        def save() -> None:
            saved = self.window.grab().save(path)
            if not saved:
                print(tr("{path} could not be written.", path=path), file=sys.stderr)
            self.window.close()
            self._qt.exit(0 if saved else 1)

        rest.reached.connect(save)
        rest.wait()

    def shutdown(self) -> None:
        """Stop the work and save the session; called once, when the window closes."""
        self.context.settings.set_value("theme", self.context.theme.mode)
        if self.arrivals is not None:
            self.arrivals.shutdown()
        self._returning.shutdown()
        self.following.stop()
        self._giving_back.stop()
        self._collecting.stop()
        self.window.shutdown()
        self.finder.shutdown()
        if self._autosave:
            self._autosave.save_now()
            self._autosave.stop()
        self.context.runner.shutdown()
