"""What is heard: what a thing is, and what is said aloud though the focus is elsewhere."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QLabel, QWidget


@cache
def teach_roles() -> None:
    """Have a widget of our own be heard as what its class says, ``heard_as``; once a program.

    Qt calls it a filler, which screen readers pass over although the focus stops there.
    """
    QAccessible.installFactory(_interface_of)


def _interface_of(_class: str, thing: QObject) -> QAccessibleInterface | None:
    role = getattr(thing, "heard_as", None)
    if role is None or not isinstance(thing, QWidget):
        return None
    made = _Whole if role == QAccessible.Role.Chart else QAccessibleWidget
    return made(thing, role)


class _Whole(QAccessibleWidget):
    """A plot: the widgets it is drawn in are nothing to anyone."""

    def childCount(self) -> int:
        """Return that there are none."""
        return 0


def unseen_label(words: str, box: QWidget) -> QLabel:
    """Return what a box is called where nothing beside it says so: put it into the same layout.

    Under X11 and Wayland the accessible name of a combo box is its choice.
    """
    label = QLabel(words)
    label.setBuddy(box)
    label.hide()
    box.setAccessibleName(words)
    return label


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say ``text``, once; ``urgent`` interrupts what it is saying."""
    if not text:
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)
