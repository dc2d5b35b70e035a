"""What keys do wherever the focus is: the shortcuts of the window, and undo inside a field."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from gui.core.keys.focus import FocusRing, bring_into_sight, main_of, step_focus
from gui.core.widgets.number_control import NumberBox

_TABS = {Qt.Key.Key_Tab: True, Qt.Key.Key_Backtab: False}


class Keyboard(QObject):
    """Watches what has the focus in a window, and in what floats beside it.

    A field of text takes keys for itself before the window's shortcuts are looked up (under X11
    Ctrl+E goes to the end of its line, everywhere Ctrl+Z undoes in it): here it is not asked.
    Only what has been typed and not committed yet is taken back by Ctrl+Z first. A dialog has keys
    of its own, and a ring of its own.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._ring = FocusRing(window)
        self._rings: list[FocusRing] = []  # of dialogs
        self._focused: QWidget | None = None
        self._in_dialog: QWidget | None = None
        self._is_coming_back = False  # by a key, from a dock that floats
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        application.focusChanged.connect(self._watch)

    def shutdown(self) -> None:
        """Watch nothing any more."""
        self._application.focusChanged.disconnect(self._watch)
        self._let_go()

    def _let_go(self) -> None:
        for one in (self._focused, self._in_dialog):
            if one is not None and isValid(one):
                one.removeEventFilter(self)
        self._focused = self._in_dialog = None

    def _watch(self, _before: QWidget | None, now: QWidget | None) -> None:
        self._let_go()
        inside = now is not None and main_of(now) is self._window
        self._focused = now if inside else None
        if self._focused is not None:
            self._focused.installEventFilter(self)
        by_mouse = self._application.mouseButtons() != Qt.MouseButton.NoButton
        keyboard = Qt.WidgetAttribute.WA_KeyboardFocusChange
        if self._is_coming_back and now is not None:  # Qt has forgotten what brought it
            self._window.setAttribute(keyboard)
            self._is_coming_back = False
        by_keys = self._window.testAttribute(keyboard)
        shown = self._focused if by_keys and not by_mouse else None
        if shown is not None:
            bring_into_sight(shown)
        self._ring.follow(shown)
        if now is not None and not inside and self._is_mine(now.window()):
            self._watch_dialog(now, by_mouse)

    def _is_mine(self, top: QWidget) -> bool:
        """Whether a window is a dialog that was opened from this one, or from a dialog of it."""
        above: QWidget | None = top
        while isinstance(above, QDialog):
            parent = above.parentWidget()
            above = None if parent is None else main_of(parent)
        return above is self._window

    def _watch_dialog(self, now: QWidget, by_mouse: bool) -> None:
        dialog, keyboard = now.window(), Qt.WidgetAttribute.WA_KeyboardFocusChange
        self._in_dialog = now
        now.installEventFilter(self)
        ring = self._ring_of(dialog)
        if ring is None:  # it has just been opened: by a key, or by the mouse
            ring = FocusRing(dialog)
            self._rings.append(ring)
            dialog.setAttribute(keyboard, self._window.testAttribute(keyboard))
        ring.follow(now if dialog.testAttribute(keyboard) and not by_mouse else None)

    def _in_a_dialog(self, widget: QWidget, kind: QEvent.Type) -> None:
        is_key = kind == QEvent.Type.ShortcutOverride
        if is_key or kind == QEvent.Type.MouseButtonPress:
            dialog = widget.window()
            dialog.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, is_key)
            if (ring := self._ring_of(dialog)) is not None:
                ring.follow(widget if is_key else None)

    def _ring_of(self, dialog: QWidget) -> FocusRing | None:
        # Python forgets what it has put into a dialog that Qt has made, such as that of files:
        # asked for among its children, the ring would come without its fields.
        self._rings = [one for one in self._rings if isValid(one)]
        return next((one for one in self._rings if one.is_of(dialog)), None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        kind = event.type()
        if watched is self._in_dialog:
            self._in_a_dialog(self._in_dialog, kind)
            return False
        if kind == QEvent.Type.MouseButtonPress:
            self._window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, False)
            self._ring.follow(None)
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._use()
            return self._is_answered_here(watched, event)
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._steps_on(event) or is_taken_back(watched, event)
        return False

    def _steps_on(self, event: QKeyEvent) -> bool:
        """Step to the next stop by Tab from a dock that floats: Qt walks in its own order there."""
        place = self._focused.window() if self._focused is not None else self._window
        forward = _TABS.get(Qt.Key(event.key()))
        if place is self._window or forward is None:
            return False
        forward &= not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._is_coming_back = True
        return step_focus(place, forward)

    def _use(self) -> None:
        keyboard = Qt.WidgetAttribute.WA_KeyboardFocusChange
        if not self._window.testAttribute(keyboard):
            self._window.setAttribute(keyboard)
            self._ring.follow(self._focused)

    def _is_answered_here(self, field: Any, event: QKeyEvent) -> bool:
        """Say whether a field gets a key that is also a shortcut; True: it was not asked."""
        if means_back(event, field) and is_typed_in(field):
            event.accept()
            return True
        if event.key() == Qt.Key.Key_Escape:  # ends what is nearest: an editor, a list, a plot
            return False
        pressed = QKeySequence(event.keyCombination())
        if not any(pressed in one.shortcuts() for one in self._window.actions()):
            return False
        event.ignore()
        return True


def is_typed_in(field: Any) -> bool:
    """Whether a field holds something typed that is not committed yet."""
    if isinstance(field, NumberBox):
        return field.is_typed_in
    if isinstance(field, QLineEdit):
        return field.isModified() and field.isUndoAvailable() and not field.isReadOnly()
    if isinstance(field, QPlainTextEdit | QTextEdit):
        return field.document().isUndoAvailable() and not field.isReadOnly()
    return False


def means_back(event: QKeyEvent, field: Any) -> bool:
    """Whether a key takes back what was typed."""
    escapes = isinstance(field, NumberBox) and event.key() == Qt.Key.Key_Escape
    return escapes or event.matches(QKeySequence.StandardKey.Undo)


def is_taken_back(field: Any, event: QKeyEvent) -> bool:
    """Take back what was typed into a number box; whether the key means no more to it.

    Its own undo would go back to what was in force before.
    """
    if not (isinstance(field, NumberBox) and means_back(event, field)):
        return False
    typed = field.is_typed_in
    field.take_back()
    return typed or event.key() != Qt.Key.Key_Escape
