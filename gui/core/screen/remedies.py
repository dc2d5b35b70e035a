"""What a person can do about an error, as buttons (key, label, tooltip) under its sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.screen.services import Context
from gui.core.words.i18n import tr, tr_sentence

Button = tuple[str, str, str]


def remedies_of(error: BaseException) -> tuple[Button, ...]:
    """Return the buttons that answer ``error``; none where computing again is all there is."""
    if getattr(error, "asks", False):
        return (
            ("go_on", tr("Go on"), tr("Take the memory that it needs, for this file")),
            ("leave", tr("Cancel"), tr("Compute nothing; what is shown stays")),
        )
    return repair_buttons() if getattr(error, "count", 0) else ()


def tell_unsaved(context: Context, error: BaseException, again: Callable[[], None]) -> None:
    """Say that nothing was saved.

    Where the error asks for memory, with the button that lets it be taken and saves ``again``.
    """
    words = tr("Nothing was saved: {reason}", reason=tr_sentence(error))
    asking: Any = error
    if not getattr(error, "asks", False):
        context.notify(words, "error")
        return

    def go_on() -> None:
        asking.permit()
        again()

    context.offer(words, tr("Go on"), go_on)


def may_go_on(context: Context, parent: QWidget, words: str, error: BaseException) -> bool:
    """Ask in a dialog, where an error asks for memory, whether it may be taken."""
    asking: Any = error
    if not getattr(error, "asks", False):
        return False
    if allowed := context.dialogs.confirm(parent, tr("Go on"), words):
        asking.permit()
    return allowed


def repair_buttons() -> tuple[Button, ...]:
    """Return the ways to replace NaN and infinite entries."""
    return (
        ("zero", tr("Replace by &zero"), tr("Every NaN or infinite entry counts as 0")),
        (
            "column_mean",
            tr("Replace by column &mean"),
            tr("By the mean of the finite entries of the same column; undo takes it back"),
        ),
        (
            "leave_rows_out",
            tr("&Leave rows out"),
            tr("Rows with NaN or infinite entries are left out; the others keep their numbers"),
        ),
    )
