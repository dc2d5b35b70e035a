"""On the smallest screen every view has its tab in sight, in either language."""

from __future__ import annotations

import pytest

from gui.core.widgets.tabs import FittingTabs
from gui.core.words import i18n
from tests.support.window_driver import WindowDriver


@pytest.mark.parametrize("language", i18n.known_languages())
def test_no_tab_is_behind_a_scroll_arrow(qtbot, qapp, tmp_path, dialogs, language):
    driver = WindowDriver(qtbot, qapp, tmp_path, dialogs)
    try:
        driver.application.set_language(language)
        window = driver.window
        window.take_size(1024, 768)
        hidden = []
        for index in range(window.tabs.count()):
            window.tabs.setCurrentIndex(index)
            driver.idle()
            for tabs in window.tabs.currentWidget().findChildren(FittingTabs):
                bar = tabs.tabBar()
                if bar.tabRect(bar.count() - 1).right() > tabs.width():
                    hidden.append([bar.tabText(place) for place in range(bar.count())])
        assert hidden == []
    finally:
        driver.close()
        i18n.set_language("en")
