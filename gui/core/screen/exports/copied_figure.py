"""A figure on the clipboard, drawn in the background."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from gui.core.export.export import ExportOptions, PictureRequest, Pictures
from gui.core.figure.figure import Figure
from gui.core.state.jobs import Runs
from gui.core.words.i18n import tr

COPY = "export.copy"
_AS_AT_FIRST = ExportOptions()


def copy_figure_to_clipboard(
    figure: Figure,
    options: ExportOptions = _AS_AT_FIRST,
    *,
    runner: Runs | None = None,
    done: Callable[[], None] | None = None,
    failed: Callable[[str], None] | None = None,
) -> None:
    """Put ``figure`` on the clipboard, as an image and as SVG.

    With a ``runner`` it is drawn in the background and ``done`` or ``failed(sentence)`` follows;
    without one the call blocks for some tenths of a second and raises ExportError.
    """
    request = PictureRequest(figure, options, kinds=("png", "svg"))

    def put(_: PictureRequest, pictures: Pictures) -> None:
        data = QMimeData()
        data.setImageData(QImage.fromData(pictures.files[0]))
        data.setData("image/png", QByteArray(pictures.files[0]))
        data.setData("image/svg+xml", QByteArray(pictures.files[1]))
        QGuiApplication.clipboard().setMimeData(data)
        if done is not None:
            done()

    def refuse(_: PictureRequest, error: BaseException) -> None:
        if failed is not None:
            failed(str(error))

    if runner is not None:
        runner.submit(COPY, request, put, refuse, title=tr("Copying the figure"))
    else:
        put(request, request.run(_Silent()))


class _Silent:
    cancelled = False

    def report(self, fraction: float, text: str) -> None:
        """Say nothing."""
