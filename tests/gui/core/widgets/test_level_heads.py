"""Drawings side by side begin at one height, and so do their titles, whatever stands above them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.core.paint.head.header import Head
from gui.core.widgets.page_view import PlotsView
from tests.gui.core.paint.plots import curve, make_view, picture

LONG = "A title of many words that does not stand beside its buttons in a narrow plot"


class Row(PlotsView):
    """Three plots side by side."""

    def __init__(self, theme):
        super().__init__(theme)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        for key in "abc":
            self.splitter.addWidget(self.new_plot(key, key))

    def resizeEvent(self, _event):
        self.splitter.setGeometry(self.rect())

    def _show_alone(self, alone):
        for one in self.plots.values():
            one.setVisible(alone is None or alone is one)


@pytest.fixture
def row(qtbot, theme):
    made = Row(theme)
    qtbot.addWidget(made)
    made.resize(780, 320)
    with qtbot.waitExposed(made):
        made.show()
    return made


def tops(row, part):
    return {part(one).mapTo(row, QPoint()).y() for one in row.plots.values() if one.isVisible()}


def are_level(row):
    return len(tops(row, lambda one: one.canvas)) == 1


def is_laid_out(row):
    heads = [one.head for one in row.plots.values()]
    drawn = not row.is_drawing and all(one.figure() is not None for one in row.plots.values())
    return drawn and all(one.height() == max(one.minimumHeight(), one.needed) for one in heads)


def show(row, *figures):
    for key, figure in zip("abc", figures, strict=True):
        row.set_figure(key, figure)


def test_titles_notes_and_legends_of_any_height_leave_the_drawings_level(qtbot, row):
    show(row, curve(title=LONG), curve(), replace(curve(), note="in words. " * 20))
    qtbot.waitUntil(lambda: are_level(row))
    heights = {one.canvas.height() for one in row.plots.values()}
    assert len(heights) == 1
    assert len({one.header.height() for one in row.plots.values()}) > 1
    assert len(tops(row, lambda one: one._title)) == 1


def test_a_picture_does_not_shrink_for_the_long_legend_of_curves_beside_it(qtbot, row):
    show(row, replace(curve(), note="in words. " * 20), picture(), replace(picture(), title=LONG))
    one, two, three = (row.plots[key] for key in "abc")
    qtbot.waitUntil(lambda: one.head.needed > three.head.needed + 24 and is_laid_out(row))
    assert two.head.height() == three.head.height() == three.head.needed
    assert one.canvas.y() > two.canvas.y()
    show(row, curve(), picture(), picture())  # a line of text makes no difference
    qtbot.waitUntil(lambda: are_level(row))


def test_drawings_stay_level_when_one_of_them_changes(qtbot, row):
    show(row, picture(), picture(), picture())
    plots = row.plots.values()
    qtbot.waitUntil(lambda: all(one.head.height() == one.header.height() for one in plots))
    before = tops(row, lambda one: one.canvas)
    row.set_figure("b", replace(picture(), note="in words. " * 20))
    qtbot.waitUntil(lambda: are_level(row) and tops(row, lambda one: one.canvas) != before)
    row.set_figure("b", picture())
    qtbot.waitUntil(lambda: are_level(row) and tops(row, lambda one: one.canvas) == before)


def test_a_plot_alone_takes_no_more_room_than_it_needs(qtbot, row):
    show(row, picture(), picture(), replace(picture(), title=LONG))
    qtbot.waitUntil(lambda: are_level(row))
    alone = row.plots["b"]
    row.toggle_maximised(alone)
    qtbot.waitUntil(lambda: alone.head.height() == alone.head.needed)
    row.toggle_maximised(alone)
    qtbot.waitUntil(lambda: are_level(row) and alone.head.height() > alone.head.needed)


def test_a_head_that_grows_while_it_is_first_shown_is_laid_out_again(qtbot):
    """Qt drops a resize within the one that it delivers late, and parts would lie on another."""
    title, legend, page = QWidget(), QWidget(), QWidget()
    legend.setFixedHeight(20)
    head = Head((title, legend))
    head.grown.connect(lambda: head.setMinimumHeight(head.needed))
    column = QVBoxLayout(page)
    column.addWidget(head)
    column.addWidget(QWidget(), 1)
    qtbot.addWidget(page)
    page.resize(300, 200)
    column.activate()
    title.setFixedHeight(40)
    with qtbot.waitExposed(page):
        page.show()
    assert legend.geometry().top() >= title.geometry().bottom()


@pytest.mark.parametrize("wider", range(-3, 4))
def test_no_word_of_a_title_breaks_beside_the_buttons(qtbot, theme, wider):
    view = make_view(qtbot, theme, (300, 300))
    view.set_figure(replace(picture(), title="own.npy"))
    title, reset = view._title, view.button("reset")
    taken = title.fontMetrics().horizontalAdvance("own.npy") + reset.sizeHint().width() + 4
    view.resize(view.width() - view.header.width() + taken + wider, 300)
    view.header.arrange()
    assert title.lines(title.width()) == ["own.npy"]
