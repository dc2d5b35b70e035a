"""Asking for a path or a yes: native dialogs behind one object that tests replace.

Native dialogs hang offscreen runs, so nothing else in the program opens one.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

Filters = Sequence[tuple[str, Sequence[str]]]


def filter_string(filters: Filters) -> str:
    """Return the Qt name filter of (title, suffixes) pairs.

    Examples
    --------
    >>> filter_string([("Tables", (".csv", ".tsv"))])
    'Tables (*.csv *.tsv)'
    """
    return ";;".join(
        f"{title} ({' '.join('*' + suffix for suffix in suffixes) or '*'})"
        for title, suffixes in filters
    )


class Dialogs:
    """The questions the program may ask; every answer may be "no answer" (empty, False)."""

    def open_files(self, parent: QWidget, title: str, start: str, filters: Filters) -> list[str]:
        """Return the chosen files, empty when the person cancelled."""
        paths, _ = QFileDialog.getOpenFileNames(parent, title, start, filter_string(filters))
        return paths

    def save_file(self, parent: QWidget, title: str, start: str, filters: Filters) -> str:
        """Return where to save, empty when cancelled; the caller asks before overwriting."""
        path, _ = QFileDialog.getSaveFileName(
            parent,
            title,
            start,
            filter_string(filters),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        return path

    def confirm(self, parent: QWidget, title: str, question: str) -> bool:
        """Return whether the person said yes; the default button is No."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(parent, title, question, buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes
