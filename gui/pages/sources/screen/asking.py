"""Asks how a table is read: when a person wants to see it, and once where it is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gui.core.screen.services import Context
from gui.core.state.listed import OpenFile, Said
from gui.pages.sources.compute.opening import OpenedFile
from gui.pages.sources.compute.tables import PreviewRequest

if TYPE_CHECKING:
    from gui.pages.sources.screen.reading import ReadingDialog

PREVIEW = "sources.preview"
_ASKED, _ASKED_KEPT = "files/asked_reading", 256


class Asking:
    """Shows the dialog, one at a time; ``read(path, said)`` is what a person decided.

    ``by_itself`` is off where nobody looks, as for a picture of the window.
    """

    def __init__(
        self, context: Context, beside: QWidget, read: Callable[[str, Said], None]
    ) -> None:
        self._context, self._beside, self._read = context, beside, read
        self._shown: tuple[str, ReadingDialog] | None = None
        self.by_itself = True

    def ask(self, file: OpenFile) -> None:
        """Show how ``file`` is read, over the window."""
        if self._shown is not None:
            path, dialog = self._shown
            if path == file.path:
                dialog.raise_()
                dialog.activateWindow()
                return
            dialog.reject()
        self._make(file).open()

    def ask_if_doubtful(self, opened: Iterable[OpenedFile]) -> None:
        """Show how the first doubtful table among ``opened`` is read, beside the window.

        Never a second time for the same content of a file, and never over another dialog.
        """
        settings = self._context.settings
        asked = settings.value(_ASKED, [""])
        new = [one for one in opened if one.doubt and one.doubt not in asked]
        if not (new and self.by_itself and self._beside.isVisible()) or self._shown is not None:
            return
        settings.set_value(_ASKED, [*asked, new[0].doubt][-_ASKED_KEPT:])
        assert new[0].file is not None
        self._make(new[0].file).show()

    def close(self) -> None:
        """Take the dialog off the screen."""
        if self._shown is not None:
            self._shown[1].reject()

    def _make(self, file: OpenFile) -> ReadingDialog:
        from gui.pages.sources.screen.reading import ReadingDialog  # most starts ask nothing

        path, runner = file.path, self._context.runner
        dialog = ReadingDialog(file.title, file.reading, self._context.theme, self._beside.window())

        def preview(said: Said) -> None:
            request = PreviewRequest(path, said)
            runner.submit(PREVIEW, request, lambda _, found: dialog.show_preview(found))

        def forget() -> None:
            self._shown = None
            runner.cancel(PREVIEW)

        dialog.preview_wanted.connect(preview)
        dialog.chosen.connect(lambda said: self._read(path, said))
        dialog.finished.connect(lambda _: forget())
        self._shown = path, dialog
        preview(file.reading)
        return dialog
