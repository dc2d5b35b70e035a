"""What leaves the page in front: figures as pictures, one as a copy, all of it as a report."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui.core.declare.draw import DrawAlone
from gui.core.export.report_file import SUFFIX, Report, Shown, theory_of
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.services import Context
from gui.core.state.document import Opened
from gui.core.state.figure_state import state_of
from gui.core.state.own_notes import own_note
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import language, tr, tr_sentence
from gui.report import without_folder

if TYPE_CHECKING:
    from gui.window.window import MainWindow

CHANNEL = "report"
_FOLDER = "report.folder"


def export_figures(context: Context, window: MainWindow) -> None:
    """Offer the figures of the page in front for export."""
    from gui.core.screen.exports.export_dialog import ExportDialog
    from gui.core.screen.exports.panels import not_in_view

    figures = window.figures()
    if not figures:
        _tell_nothing(context, tr("There is no plot to export yet: open a file first."))
        return
    page = window.page_key
    state = state_of(context.store.state, page)
    figures = tuple(replace(figure, state=state) for figure in figures)
    screen = window.page(page)
    others: tuple[DrawAlone, ...] = ()
    behind = False
    if isinstance(screen, PageScreen):
        keys = [figure.key for figure in figures]
        others = not_in_view(screen.conductor.present(), keys)
        behind = screen.conductor.is_behind
    ExportDialog(figures, context, window, page=page, others=others, behind=behind).open()


def copy_figure(context: Context, window: MainWindow) -> None:
    """Put the focused figure on the clipboard; drawn in the background."""
    from gui.core.screen.exports.copied_figure import copy_figure_to_clipboard

    figures = window.figures()
    if not figures:
        _tell_nothing(context, tr("There is no plot to copy yet: open a file first."))
        return
    said = tr("Copied: {title}", title=figures[0].title)
    copy_figure_to_clipboard(
        figures[0],
        runner=context.runner,
        done=lambda: context.notify(said, "info"),
        failed=lambda sentence: context.notify(sentence, "error"),
    )


def export_report(context: Context, window: MainWindow) -> None:
    """Ask where the report of the page in front goes, and have it written."""
    screen = window.pages.get(window.page_key)
    figures = screen.figures() if screen is not None else ()
    if not isinstance(screen, PageScreen) or not figures:
        _tell_nothing(context, tr("There is no plot to export yet: open a file first."))
        return
    page, opened = screen.page, context.arrays.selected
    title = screen.summary() or tr(page.title)
    start = os.path.join(context.settings.value(_FOLDER, ""), _name_of(opened, page.key))
    filters = ((tr("Report: one HTML file"), (SUFFIX,)),)
    path = place_to_save(context.dialogs, window, tr("Export report"), start, filters)
    if not path:
        return
    if screen.conductor.is_behind:
        words = tr("The plots seen are of before: the new ones are on their way.")
        context.notify(words, "warning")
    target = Path(path)
    context.settings.set_value(_FOLDER, str(target.parent))
    views = ("", screen.conductor.view)
    report = Report(
        title,
        target,
        language(),
        Shown.of(opened),
        "" if opened is None else own_note(context.store.state, opened.ref.path, opened.ref.entry),
        figures,
        screen.drawn(),
        theory_of(page.key, views, tuple(page.views), language()),
        _without_folders(screen.call(), context),
        state_of(context.store.state, page.key),
        overwrite=True,
    )
    context.runner.submit(
        CHANNEL,
        report,
        lambda _, written: context.notify(tr("Saved {path}.", path=written), "info"),
        lambda _, error: _not_written(context, error),
        title=tr("Writing {name}", name=target.name),
    )


def _tell_nothing(context: Context, words: str) -> None:
    """Say why there is no plot of an array that is open; ``words`` where none is."""
    if context.arrays.selected is not None:
        words = tr(
            "There is no plot here yet: it is being computed, or the page says why there is none."
        )
    context.notify(words, "info")


def _name_of(opened: Opened | None, page: str) -> str:
    """Return the name that is proposed: the file, which of its arrays, the page."""
    parts = ["report"] if opened is None else [Path(opened.ref.path.replace(":", "-")).stem]
    if opened is not None and opened.ref.entry != parts[0]:
        parts.append(re.sub(r"[^\w.-]+", "_", opened.ref.entry)[-80:])
    return f"{'-'.join((*filter(None, parts), page))}{SUFFIX}"


def _without_folders(code: str, context: Context) -> str:
    """Return the call with the names of files alone: where they lie is nobody's business."""
    for file in context.store["files"].items:
        code = without_folder(code, file.path)
    return code


def _not_written(context: Context, error: Any) -> None:
    context.notify(tr_sentence(error), "error")
