"""A session in a file of a person's own: Ctrl+S writes it, opening it brings it back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from gui.core.export.files import reason_of
from gui.core.screen.services import Context
from gui.core.state.session import to_json, write_atomically
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import tr
from gui.core.words.names import shown_name
from gui.window.session.autosave import SESSION


def ask_place(context: Context, parent: QWidget, title: str) -> str:
    """Ask where a session goes; "" for nowhere."""
    folder = Path(context.settings.value("last_folder", "") or Path.home())
    filters = ((tr("Sessions saved elsewhere"), (SESSION,)),)
    return place_to_save(context.dialogs, parent, title, str(folder / f"session{SESSION}"), filters)


class OwnFile:
    """Where Ctrl+S writes; asked for the first time, and by Ctrl+Shift+S.

    Attributes
    ----------
    path : str
        The file that was saved or opened last, "" before any.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.path = ""

    def save(self, parent: QWidget, elsewhere: bool = False) -> None:
        """Write the session as it is now; ask for the file where there is none, or another."""
        if elsewhere or not self.path:
            path = ask_place(self._context, parent, tr("Save the session"))
            if not path:
                return
            self.path = path
        name = shown_name(self.path)
        try:
            write_atomically(Path(self.path), to_json(self._context.store.state))
        except OSError as error:
            words = tr("{name} could not be written: {reason}", name=name, reason=reason_of(error))
            self._context.notify(words, "error")
            self.path = ""
            return
        self._context.notify(tr("The session is saved in {path}.", path=self.path), "info")
