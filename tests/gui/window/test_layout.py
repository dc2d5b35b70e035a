"""Where the first window lies, and that nothing of it is cut on a small screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QStyleOptionComboBox,
    QTabBar,
)

from gui.core.paint.head.labels import ElidedLabel, Title
from gui.core.paint.head.legend import Legend
from gui.core.paint.plot_view import PlotView
from gui.core.words import i18n
from gui.pages import PAGES
from gui.window.layout import FRAME, first_place
from gui.window.progress import WORDS
from gui.window.window import SMALLEST_SIZE
from tests.support import window_widgets as seen
from tests.support.window_driver import WindowDriver

SCREENS = [
    (1024, 768),
    (1279, 1000),
    (1366, 768),
    (1280, 800),
    (1440, 900),
    (1920, 1080),
    (5120, 1440),
]


@pytest.mark.parametrize("size", SCREENS, ids=str)
def test_the_first_window_lies_on_the_screen_with_its_frame(size):
    width, height = size
    screen, available = QRect(0, 0, *size), QRect(40, 28, width - 40, height - 28)
    place = first_place(screen, available)
    if width < 1280 or height < 800:
        assert place is None
        return
    framed = place.adjusted(-FRAME.width() // 2, 8 - FRAME.height(), FRAME.width() // 2, 8)
    assert available.contains(framed)
    assert framed.width() <= min(0.9 * available.width(), 1440)
    assert framed.height() <= min(0.9 * available.height(), 900)


@pytest.fixture
def driver(qtbot, qapp, tmp_path, dialogs):
    made = WindowDriver(qtbot, qapp, tmp_path, dialogs)
    yield made
    made.close()
    i18n.set_language("en")


def test_the_window_is_on_the_screen_when_shown(driver):
    available = QGuiApplication.primaryScreen().availableGeometry()
    frame = driver.window.frameGeometry()
    assert available.contains(frame)
    assert frame.width() <= 1440
    assert frame.height() <= 900
    driver.window.take_size(1024, 768)
    assert driver.window.size() == QSize(1024, 768)


def in_sight(window, widget):
    """Whether a widget is on the screen whole."""
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    return window.rect().contains(place) and widget.visibleRegion().boundingRect() == widget.rect()


def cut(root):
    """Return what is shown with fewer letters than it has, or beyond the edge of its window."""
    found = beyond(root)
    for label in seen.visible(root, QLabel):
        whole = label.wordWrap() or isinstance(label, ElidedLabel) or label.pixmap().width() > 0
        if isinstance(label, Title):
            found += [f"title {label.text()!r}"] if label.is_cut else []
        elif not whole and label.width() < label.sizeHint().width() - 1:
            found.append(f"label {label.text()!r}")
    for button in seen.visible(root, QAbstractButton):
        narrow = button.width() < button.minimumSizeHint().width() - 1
        shortened = isinstance(button, QCheckBox) and "…" in button.text()
        if button.text() and (shortened or (narrow and "…" not in button.text())):
            found.append(f"button {button.text()!r}")
    for box in seen.visible(root, QComboBox):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        if hasattr(box, "elided") and box.elided(option) != box.currentText():
            found.append(f"choice {box.currentText()!r}")
    for legend in seen.visible(root, Legend):
        found += [f"legend {name!r}" for name in legend.cut_names()]
    for bar in seen.visible(root, QTabBar):
        found += [f"tab {bar.tabText(i)!r}" for i in range(bar.count())
                  if not bar.rect().contains(bar.tabRect(i))]  # fmt: skip
    return found


def beyond(root):
    """Return what lies beyond the edge of its window."""
    found = [
        f"plot {plot.accessibleName()!r}"
        for plot in seen.visible(root, PlotView)
        if plot.visibleRegion().boundingRect().width() < plot.width() - 1
    ]
    for area in seen.visible(root, QScrollArea):
        if area.widget().width() > area.viewport().width():
            found.append(f"panel {area.accessibleName()!r}")
    return found


def test_what_answers_the_question_of_a_page_stands_above_the_fold(driver):
    window, tried = driver.window, []
    window.take_size(1440, 900)
    for page in (one for one in PAGES if one.plots):
        driver.page(page.key)
        driver.turns()
        first = next(p for p in page.plots if p.form() == "rows" and p.view is None)
        table = window.pages[page.key].controls.readouts[first.key]
        assert in_sight(window, table), first.key
        tried.append(first.key)
    assert tried[:4] == ["topk.numbers", "spectrum.at_rank", "column_row.at_r", "position.at_n"]


def test_the_smallest_window_holds_every_page_whole(driver):
    window = driver.window
    for page in (one for one in PAGES if one.plots):
        driver.page(page.key)
        screen = window.pages[page.key]
        for view in page.views:  # the widest of all lower views says how wide the page is
            screen._fill(view)
        window.take_size(*SMALLEST_SIZE.toTuple())
        driver.turns()
        assert window.size() == SMALLEST_SIZE
        wanted = screen.widget.minimumSizeHint()
        assert wanted.width() <= screen.widget.width(), page.key
        assert wanted.height() <= screen.widget.height(), page.key
        assert beyond(window) == [], page.key


@pytest.mark.parametrize(
    ("languages", "count"),
    [(("en",), 1), pytest.param(("en", "zh_CN"), None, marks=pytest.mark.long)],
)
def test_a_small_screen_cuts_nothing(driver, pages_behind, languages, count):
    problems = []
    for language in languages:
        driver.application.set_language(language)
        window = driver.window
        window.take_size(1024, 768)
        for page in PAGES:
            if not page.plots:
                continue
            driver.page(page.key)
            for view in tuple(page.views or ("",))[:count]:
                if view:
                    window.pages[page.key].conductor.show_view(view)
                    driver.idle()
                where = f"{language} {page.key} {view}: "
                if window.size() != QSize(1024, 768):
                    problems.append(f"{where}the window is {window.size().toTuple()}")
                problems += [where + one for one in cut(window)]
            window.progress.show()
            driver.turns()
            boxes = seen.visible(window.pages[page.key].controls, QAbstractSpinBox)
            wanted = [window.statusBar(), window.progress.cancel_button, boxes[0]]
            problems += [
                f"{page.key}: {w!r} is out of sight" for w in wanted if not in_sight(window, w)
            ]
            words, bar, button = (
                window.progress.layout().itemAt(place).geometry() for place in range(3)
            )
            if words.width() < WORDS or words.intersects(bar) or bar.intersects(button):
                problems.append(f"{page.key}: the progress line lies over itself: {words} {bar}")
            window.progress.hide()
    assert problems == []
