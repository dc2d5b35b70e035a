"""The keyboard on the running window, over every page: Tab, letters, shortcuts, undo in fields."""

from __future__ import annotations

import re
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QDialog,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QTableWidget,
    QWidget,
)

from gui.core.keys.focus import FocusRing, stops
from gui.core.widgets.controls import ReadoutTable
from gui.core.widgets.number_control import NumberBox
from gui.core.widgets.over_edge import OverEdge
from gui.core.words import i18n
from gui.pages import PAGES
from gui.window.commands import MENUS
from tests.support import window_widgets as seen
from tests.support.at_rest import bring_to_front

VIEWS = [(page.key, view) for page in PAGES if page.plots for view in page.views]
# One of each kind: plots, pictures, a table, a grid of numbers.
KINDS = (("topk", "tau"), ("topk", "laws"), ("spectrum", "entries"), ("column_row", "pictures"))
OF_THE_WINDOW = {
    *("Ctrl+O", "F5", "Ctrl+S", "Ctrl+Shift+S", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+E", "Ctrl+Shift+C"),
    *("Ctrl+K", "Ctrl+Shift+P", "Ctrl+G", "F1", "F11"),
    *(f"Alt+{number}" for number in range(1, 6)),
}
FEW_OR_ALL = pytest.mark.parametrize(
    "views",
    [pytest.param(KINDS, id="kinds"), pytest.param(VIEWS, id="all", marks=pytest.mark.long)],
)
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def driver(start, pages_behind):
    made = start()
    made.wait(lambda: len(made.window.pages) == len(PAGES))
    made.idle()
    return made


def show(driver, page, view):
    driver.window.show_view(page, view)
    activate(driver)


def activate(driver):
    """Bring the window to the front: only there a shortcut is one."""
    driver.idle()
    bring_to_front(driver.qtbot, driver.window)


def press(driver, key, modifiers=Qt.KeyboardModifier.NoModifier):
    driver.qtbot.keyClick(driver.window.focusWidget(), key, modifiers)


def walked(driver, key=Qt.Key.Key_Tab):
    """Return what Tab stops at until it comes round, the tabs of the pages first."""
    window, found = driver.window, []
    window.tabs.tabBar().setFocus()
    while (now := window.focusWidget()) not in found:
        found.append(now)
        assert len(found) < 200
        press(driver, key)
    assert now is found[0], f"it goes back to {now} and not to the first"
    return found


def may_be_walked(window):
    kinds = (QAbstractButton, QAbstractSpinBox, QAbstractItemView, QTabBar, QLineEdit, ReadoutTable)
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not widget.isEnabled() or widget.window() is not window:
            continue
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox)
        toolbar = widget.parentWidget().metaObject().className() in ("QToolBar", "QDockWidget")
        header = isinstance(widget, QHeaderView)
        if isinstance(widget, kinds) and not (inner or toolbar or header):
            yield widget
    yield from (canvas for canvas in seen.visible(window, seen.pg.GraphicsView))


def heard(widget, kind=QAccessible.Text.Name):
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def words(widget):
    place = widget.mapTo(widget.window(), QPoint(0, 0)).toTuple()
    return f"{type(widget).__name__} {widget.accessibleName()!r} at {place}"


@FEW_OR_ALL
def test_tab_reaches_everything_in_reading_order_and_comes_round(driver, views):
    for page, view in views:
        show(driver, page, view)
        driver.window.pages[page].widget.notice.set_notice("One.", [("again", "Again", "")])
        driver.application.context.notify("Beware.", "warning")
        check_walk(driver)


def check_walk(driver):
    window, found = driver.window, walked(driver)
    missed = [words(one) for one in may_be_walked(window) if one not in found]
    messages = [one.label for one in seen.visible(window, OverEdge)]
    assert len(messages) == 2
    assert missed + [words(one) for one in messages if one not in found] == []
    for one in seen.visible(window, QTabBar):
        assert one in found
    assert walked(driver, Qt.Key.Key_Backtab) == [found[0], *reversed(found[1:])]
    # Down each column: Sources, the plots and what lies over them, the controls.
    for part in (window.centralWidget(), window.pages[window.page_key].controls):
        inside = [one for one in found if part.isAncestorOf(one)]
        places = [found.index(one) for one in inside]
        assert places == list(range(places[0], places[0] + len(places))) or found[0] in inside
    nameless = [one for one in found if not heard(one) and not isinstance(one, QTabBar)]
    assert [words(one) for one in nameless] == []
    plots = [one for one in found if isinstance(one, seen.pg.GraphicsView)]
    for canvas in plots:
        assert len(heard(canvas, QAccessible.Text.Description)) > 20, words(canvas)
    corners = [one.mapTo(window, QPoint(0, 0)) for one in plots]
    assert corners == sorted(corners, key=lambda at: (at.y() // 150, at.x()))


@FEW_OR_ALL
def test_arrows_move_in_tables_and_tab_leaves(driver, views):
    tables = 0
    for page, view in views:
        show(driver, page, view)
        for table in seen.visible(driver.window, QTableWidget):
            tables += 1
            driver.wait(lambda table=table: table.rowCount() > 0)
            table.setCurrentCell(0, 0)
            table.setFocus()
            press(driver, Qt.Key.Key_Down)
            assert table.currentRow() == min(1, table.rowCount() - 1)
            press(driver, Qt.Key.Key_Tab)
            assert driver.window.focusWidget() is not table
            press(driver, Qt.Key.Key_Backtab)
            assert driver.window.focusWidget() is table
            press(driver, Qt.Key.Key_C, CTRL)
            copied = driver.application._qt.clipboard().text()
            assert len(copied.splitlines()) == table.rowCount() + 1
    assert tables >= (1 if views is KINDS else 5)


@FEW_OR_ALL
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_letter_is_shared_by_a_menu_and_anything_in_sight(driver, language, views):
    driver.application.set_language(language)
    driver.idle()
    menus = {letter_of(one.text()) for one in driver.window.menuBar().actions()}
    for page, view in views:
        show(driver, page, view)
        controls = driver.window.pages[page].controls
        hidden = [one.text() for one in controls.findChildren(QAbstractButton)]
        hidden += [one.text() for one in controls.findChildren(QLabel) if one.buddy()]
        assert [text for text in hidden if letter_of(text) in menus] == []
        marked = [*(one.text() for one in driver.window.menuBar().actions()), *in_sight(driver)]
        letters = [letter for text in marked if (letter := letter_of(text))]
        assert len(letters) > 4
        twice = {one: [t for t in marked if letter_of(t) == one] for one in letters}
        assert {one: t for one, t in twice.items() if len(t) > 1} == {}, (page, view)


@pytest.mark.parametrize("language", i18n.known_languages())
def test_no_declared_label_takes_a_letter_of_a_menu(language):
    """Over every parameter, without a window; that no two share one is told at import."""
    i18n.set_language(language)
    menus = {letter_of(i18n.tr(title)) for title in MENUS}
    labels = [
        i18n.tr(text)
        for page in PAGES
        for one in page.parameters.values()
        for text in (one.label, one.more)
        if text
    ]
    taken = [text for text in labels if letter_of(text) in menus]
    i18n.set_language("en")
    assert len(labels) > 60
    assert taken == []


def in_sight(driver):
    for one in seen.visible(driver.window, QWidget):
        if isinstance(one, QTabBar):
            yield from (one.tabText(place) for place in range(one.count()))
        elif isinstance(one, QAbstractButton) or (isinstance(one, QLabel) and one.buddy()):
            yield one.text()


def letter_of(text):
    found = re.search(r"&(\w)", text.replace("&&", ""))
    return found[1].lower() if found else ""


def test_every_shortcut_works_wherever_the_focus_is_on_every_page(driver):
    window, done = driver.window, []

    def note(action, *_on):
        done.append(action.objectName())

    for action in window.actions():
        action.triggered.disconnect()
        action.setEnabled(True)
        action.triggered.connect(partial(note, action))
    wanted = [
        (one.objectName(), keys)
        for one in window.actions()
        for keys in one.shortcuts()
        if keys != QKeySequence("Esc")
    ]
    assert {keys.toString() for _, keys in wanted} >= OF_THE_WINDOW
    tried = set()
    for page in (page for page in PAGES if page.plots):
        driver.page(page.key)
        activate(driver)
        for stop in {type(one): one for one in stops(window)}.values():
            # A kind of widget has the same keys on every page; a plot and a box are tried on all.
            if type(stop) in tried and not isinstance(stop, (seen.pg.GraphicsView, NumberBox)):
                continue
            tried.add(type(stop))
            for name, keys in wanted:
                stop.setFocus()
                done.clear()
                pressed = keys[0]
                driver.qtbot.keyClick(stop, pressed.key(), pressed.keyboardModifiers())
                assert done == [name], (page.key, words(stop), keys.toString())
    assert len(tried) > 8


def test_home_resets_a_zoomed_plot_and_f1_opens_the_notes_of_the_page(driver):
    for page in (page for page in PAGES if page.plots):
        driver.page(page.key)
        activate(driver)
        for canvas in seen.visible(driver.window, seen.pg.GraphicsView):
            canvas.setFocus()
            if canvas.hasFocus():  # what is blank takes no keys
                press(driver, Qt.Key.Key_Plus)
                assert canvas.is_zoomed
                press(driver, Qt.Key.Key_Home)
                assert not canvas.is_zoomed
        press(driver, Qt.Key.Key_F1)
        (dialog,) = (one for one in driver.window.findChildren(QDialog) if one.isVisible())
        bring_to_front(driver.qtbot, dialog)
        assert page.title in dialog.windowTitle()
        driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


class Greedy(QLineEdit):
    """Takes every key for itself, as a field under X11 takes Ctrl+E for the end of its line."""

    def __init__(self, parent):
        super().__init__(parent)
        self.asked = []
        self.show()

    def event(self, event):
        if event.type() == QEvent.Type.ShortcutOverride:
            self.asked.append(event.key())
            event.accept()
            return True
        return super().event(event)


@pytest.fixture
def exported(driver):
    done = []
    driver.window.export_requested.disconnect()
    driver.window.export_requested.connect(lambda: done.append(1))
    return done


def press_in(driver, field):
    field.setFocus()
    driver.qtbot.keyClick(field, Qt.Key.Key_E, CTRL)
    driver.qtbot.keyClick(field, Qt.Key.Key_A, CTRL)
    assert Qt.Key.Key_E not in field.asked
    assert Qt.Key.Key_A in field.asked


def test_a_field_is_not_asked_for_the_keys_of_the_window(driver, exported):
    field = Greedy(driver.window)
    activate(driver)
    press_in(driver, field)
    assert exported == [1]


def test_a_dock_that_floats_is_walked_as_read_and_has_the_keys_of_its_window(driver, exported):
    window = driver.window
    show(driver, "spectrum", "reconstruction")
    docked = [one for one in walked(driver) if window.pages["spectrum"].controls.isAncestorOf(one)]
    dock = next(one for one in window.findChildren(QDockWidget) if one.isAncestorOf(docked[0]))
    dock.setFloating(True)
    activate(driver)
    window.tabs.tabBar().setFocus()
    met, now = [], window.tabs.tabBar()
    while now not in met:
        met.append(now)
        driver.qtbot.keyClick(now, Qt.Key.Key_Tab)
        driver.wait(lambda now=now: focus() is not now)
        now = focus()
        ring = now.window().findChild(FocusRing)
        assert ring.isVisible(), words(now)
    assert now is met[0]
    assert met[met.index(docked[0]) :][: len(docked)] == docked
    field = Greedy(dock)
    bring_to_front(driver.qtbot, dock)
    press_in(driver, field)
    assert exported == [1]
    dock.setFloating(False)
    activate(driver)


def focus():
    return QApplication.focusWidget()


def test_undo_in_a_number_box_takes_back_the_typing_first(driver):
    show(driver, "spectrum", "reconstruction")
    window = driver.window
    box = seen.named(window, QAbstractSpinBox, "Rank r")
    activate(driver)
    for rank in ("5", "7"):
        driver.type("Rank r", rank)
    box.setFocus()
    box.selectAll()
    driver.qtbot.keyClicks(box, "123")
    press(driver, Qt.Key.Key_Z, CTRL)
    assert (box.text(), driver.store["spectrum"].rank) == ("7", 7)
    press(driver, Qt.Key.Key_Z, CTRL)
    driver.idle()
    assert (box.text(), driver.store["spectrum"].rank) == ("5", 5)
    assert window.focusWidget() is box
    press(driver, Qt.Key.Key_Z, CTRL | SHIFT)
    driver.idle()
    assert (box.text(), driver.store["spectrum"].rank) == ("7", 7)
    box.selectAll()
    driver.qtbot.keyClicks(box, "x")
    press(driver, Qt.Key.Key_Escape)
    assert box.text() == "7"


def test_undo_in_a_field_of_text_takes_back_the_typing_first(driver):
    show(driver, "spectrum", "reconstruction")
    activate(driver)
    driver.type("Rank r", "5")
    field = seen.named(driver.window, QLineEdit, "Search arrays")
    field.setFocus()
    driver.qtbot.keyClicks(field, "gau")
    press(driver, Qt.Key.Key_Z, CTRL)
    assert (field.text(), driver.store["spectrum"].rank) == ("", 5)
    press(driver, Qt.Key.Key_Z, CTRL)
    assert driver.store["spectrum"].rank != 5


def test_a_ring_lies_around_what_has_the_focus_while_keys_are_used(driver):
    window = driver.window
    show(driver, "topk", "tau")
    activate(driver)
    ring = window.findChild(FocusRing)
    for _ in walked(driver):
        press(driver, Qt.Key.Key_Tab)
        stop = window.focusWidget()
        place = stop.mapTo(window, QPoint(0, 0))
        assert ring.isVisible(), words(stop)
        assert ring.geometry().intersects(stop.rect().translated(place)), words(stop)
    canvas = seen.visible(window, seen.pg.GraphicsView)[0]
    driver.qtbot.mouseClick(window.focusWidget(), Qt.MouseButton.LeftButton)
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ring.isVisible()
