"""The words a person meets most, to be searched for, taken out, or no longer kept."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.theme import SPACING
from gui.core.words.i18n import tr
from gui.window.finding.personal import Personal

CHIPS = 12
SMALLEST, LARGEST = 85, 140  # per cent of the size of letters, lightest to heaviest
_DROP = "drop:"


class InterestsBar(QWidget):
    """Chips sized by weight, each with a cross; words of one's own; forgetting and recording."""

    query_chosen = Signal(str)

    def __init__(self, personal: Personal) -> None:
        super().__init__()
        self._personal = personal
        self.chips = QLabel(wordWrap=True)
        self.chips.setTextFormat(Qt.TextFormat.RichText)
        self.chips.setAccessibleName(tr("Interests"))
        flags = Qt.TextInteractionFlag
        self.chips.setTextInteractionFlags(
            flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard
        )
        self.chips.linkActivated.connect(self._follow)
        self.wanted = QLineEdit(personal.wanted)
        self.wanted.setPlaceholderText(tr("words you like; empty: your interests"))
        self.wanted.setAccessibleName(tr("Words you like"))
        self.wanted.setToolTip(tr("What ♥ goes by"))
        self.wanted.editingFinished.connect(lambda: personal.want(self.wanted.text()))
        self.recording = QCheckBox(tr("Re&member what I open"))
        self.recording.setToolTip(
            tr("Kept on this computer beside the session, never in an export or report")
        )
        self.recording.setChecked(personal.recording)
        self.recording.toggled.connect(personal.record)
        self.forget = QPushButton(tr("&Forget all"))
        self.forget.clicked.connect(personal.forget_all)
        row = QHBoxLayout()
        row.addWidget(QLabel("♥"))
        row.addWidget(self.wanted, 1)
        row.addWidget(self.recording)
        row.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.chips)
        column.addLayout(row)
        personal.changed.connect(self._show)
        self.destroyed.connect(lambda: personal.changed.disconnect(self._show))
        self._show()

    def _show(self) -> None:
        words = self._personal.interests(CHIPS)
        heaviest = max(words.values(), default=1.0)
        chips = [_chip(word, weight / heaviest) for word, weight in words.items()]
        self.chips.setText("  ".join(chips) or tr("Nothing has been remembered yet."))
        self.forget.setEnabled(bool(words))

    def _follow(self, link: str) -> None:
        if link.startswith(_DROP):
            self._personal.forget(link.removeprefix(_DROP))
        else:
            self.query_chosen.emit(link)


def _chip(word: str, share: float) -> str:
    size = round(SMALLEST + (LARGEST - SMALLEST) * share)
    said = escape(word)
    return (
        f'<a href="{said}" style="font-size:{size}%;text-decoration:none">{said}</a>'
        f'&nbsp;<a href="{_DROP}{said}" style="text-decoration:none">×</a>'
    )
