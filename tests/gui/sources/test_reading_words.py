"""The dialog of how a table is read says names of marks in the person's language."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.core.paint.theme import Theme
from gui.core.words.i18n import set_language
from gui.pages.sources.compute.tables import Preview
from gui.pages.sources.screen.reading import ReadingDialog


def test_what_parts_a_table_is_named_in_the_language_of_the_window(qtbot):
    set_language("zh_CN")
    try:
        said = (("delimiter", "semicolon"), ("thousands", "none"))
        parent = QWidget()
        qtbot.addWidget(parent)
        dialog = ReadingDialog("t.csv", said, Theme("light"), parent)
        assert dialog.said() == said
        fields = dialog.fields
        assert [fields[name].currentText() for name, _ in said] == ["分号", "无"]
        offered = [fields["delimiter"].itemText(i) for i in range(fields["delimiter"].count())]
        assert not any(word.isascii() for word in offered if word)
        for word, name in (("逗号", "comma"), ("#", "#"), ("tab", "tab")):
            fields["delimiter"].setCurrentText(word)
            assert dict(dialog.said())["delimiter"] == name
        dialog.show_preview(Preview(taken={"delimiter": "blank", "thousands": "apostrophe"}))
        words = fields["delimiter"].lineEdit().placeholderText()
        assert "空格" in words
        assert "blank" not in words
    finally:
        set_language("en")
