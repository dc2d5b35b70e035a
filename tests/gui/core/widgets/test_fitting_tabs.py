"""Every tab stays in sight."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QStyle, QStyleOptionTab

from gui.core.widgets.tabs import FittingTabs


def test_titles_are_short_where_the_long_ones_do_not_fit_and_long_again_where_they_do(qtbot):
    tabs = FittingTabs()
    qtbot.addWidget(tabs)
    for number in range(5):
        tabs.add(QLabel(), f"A rather long title {number}", f"T{number}", "what it is")
    with qtbot.waitExposed(tabs):
        tabs.show()
    tabs.resize(1200, 200)
    assert tabs.tabText(0) == "A rather long title 0"
    tabs.resize(400, 200)
    assert [tabs.tabText(i) for i in range(5)] == ["T0", "T1", "T2", "T3", "T4"]
    assert tabs.tabBar().tabRect(4).right() <= 400
    assert tabs.tabToolTip(3) == "A rather long title 3: what it is"
    tabs.resize(1200, 200)
    assert tabs.tabText(4) == "A rather long title 4"


@pytest.mark.parametrize("less", [30, 100, 128])
def test_tabs_stand_closer_where_the_short_titles_do_not_fit_and_no_title_is_cut(qtbot, less):
    tabs = FittingTabs()
    qtbot.addWidget(tabs)
    for number in range(8):
        tabs.add(QLabel(), f"A rather long title {number}", f"Short {number}", "what it is")
    with qtbot.waitExposed(tabs):
        tabs.show()
    bar = tabs.tabBar()
    tabs.resize(1000, 200)
    roomy = bar.tabRect(7).right()
    tabs.resize(roomy - less, 200)
    assert bar.tabRect(7).right() < roomy - less
    for index in range(8):
        option = QStyleOptionTab()
        bar.initStyleOption(option, index)
        place = bar.style().subElementRect(QStyle.SubElement.SE_TabBarTabText, option, bar)
        assert option.text == tabs.tabText(index)
        assert place.width() >= bar.fontMetrics().horizontalAdvance(option.text)
    tabs.resize(roomy - less - 1, 200)
    assert bar.tabRect(7).right() < roomy - less - 1
    tabs.resize(1000, 200)
    assert bar.tabRect(7).right() == roomy


def test_no_descender_is_cut_in_a_tab_that_is_not_in_front(qtbot):
    tabs = FittingTabs()
    qtbot.addWidget(tabs)
    for title in ("Tau", "geometry"):
        tabs.add(QLabel(), title, title, "what it is")
    with qtbot.waitExposed(tabs):
        tabs.show()
    bar, option = tabs.tabBar(), QStyleOptionTab()
    bar.initStyleOption(option, 1)
    room = bar.style().subElementRect(QStyle.SubElement.SE_TabBarTabText, option, bar)
    assert room.height() >= bar.fontMetrics().height()
