"""Asking for a path or a yes: native dialogs behind one object that tests replace.

Native dialogs hang offscreen runs, so nothing else in the program opens one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gui.core.words.i18n import tr
from gui.core.words.names import shown_name

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


def kind_of(path: str, filters: Filters) -> int:
    """Return the place of the filter with the longest suffix that ``path`` ends with; -1: none.

    Examples
    --------
    >>> kinds = [("checkpoint", (".safetensors",)), ("LoRA", (".lora.safetensors",))]
    >>> kind_of("q.lora.safetensors", kinds), kind_of("q.safetensors", kinds), kind_of("q", kinds)
    (1, 0, -1)
    """
    name = path.casefold()
    places = {s: place for place, (_, suffixes) in enumerate(filters) for s in suffixes}
    return places[max(found, key=len)] if (found := [s for s in places if name.endswith(s)]) else -1


def as_kind(path: str, filters: Filters, chosen: int) -> str:
    """Return ``path`` with the suffix of the filter at ``chosen`` in place of that of another one.

    Examples
    --------
    >>> kinds = [("archive", (".npz",)), ("LoRA", (".lora.safetensors",))]
    >>> as_kind("q.npz", kinds, 1), as_kind("q.v2", kinds, 0)
    ('q.lora.safetensors', 'q.v2.npz')
    """
    former, suffixes = kind_of(path, filters), filters[chosen][1]
    if former == chosen or not suffixes:
        return path
    own = [s for s in filters[former][1] if path.casefold().endswith(s)] if former >= 0 else []
    stem = path[: len(path) - len(max(own, key=len, default=""))]
    return stem + suffixes[0]


class Dialogs:
    """The questions the program may ask; every answer may be "no answer" (empty, False)."""

    folder = ""  # where a person last opened or saved something

    def _begin(self, start: str) -> str:
        """Return where a dialog begins: not where the program happens to run."""
        if os.path.isabs(start):
            return start
        return os.path.join(self.folder or os.path.expanduser("~"), start)

    def _noted(self, path: str) -> str:
        self.folder = os.path.dirname(path) or self.folder
        return path

    def open_files(self, parent: QWidget, title: str, start: str, filters: Filters) -> list[str]:
        """Return the chosen files, empty when the person cancelled."""
        begin = self._begin(start)
        paths, _ = QFileDialog.getOpenFileNames(parent, title, begin, filter_string(filters))
        self._noted(paths[0] if paths else "")
        return paths

    def open_folder(self, parent: QWidget, title: str, start: str) -> str:
        """Return the chosen folder, empty when the person cancelled."""
        return QFileDialog.getExistingDirectory(parent, title, self._begin(start))

    def save_file(self, parent: QWidget, title: str, start: str, filters: Filters) -> str:
        """Return where to save, empty when cancelled; the caller asks before overwriting.

        The kind a person picks in the dialog decides the suffix, which platforms append in part
        (of ".lora.safetensors" the last piece) or not at all; a suffix typed without picking a
        kind stands.
        """
        names = filter_string(filters).split(";;")
        offered = max(kind_of(start, filters), 0)
        path, picked = QFileDialog.getSaveFileName(
            parent,
            title,
            self._begin(start),
            ";;".join(names),
            names[offered],
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        self._noted(path)
        if not path or picked not in names:
            return path
        chosen = names.index(picked)
        typed = kind_of(path, filters)
        return path if chosen == offered and typed >= 0 else as_kind(path, filters, chosen)

    def confirm(self, parent: QWidget, title: str, question: str) -> bool:
        """Return whether the person said yes; the default button is No."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(parent, title, question, buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes


def place_to_save(
    dialogs: Dialogs, parent: QWidget, title: str, start: str, filters: Filters
) -> str:
    """Ask where to save, and before something is written over; empty when the person said no.

    A name of none of the kinds gets the suffix of the first.
    """
    path = dialogs.save_file(parent, title, start, filters)
    if not path:
        return ""
    if kind_of(path, filters) < 0:
        path += filters[0][1][0]
    question = tr("{name} exists. Replace it?", name=shown_name(path))
    return path if not os.path.exists(path) or dialogs.confirm(parent, title, question) else ""
