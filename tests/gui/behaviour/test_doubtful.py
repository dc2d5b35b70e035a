"""The dialog of a table opens by itself only where two readings can be defended, and once."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QTreeWidget

from gui.window.finding.offers import offers
from tests.gui.behaviour.table_dialog import dialogs, overrule
from tests.support.window_widgets import LEFT, named

DOUBTFUL = "400,410,420,430\n0.1,0.25,0.3,0.2\n0.2,0.1,0.4,0.3\n"
OTHER = "1990,1995\n1.5,2.5\n3.5,4.5\n"
PLAIN = "0.5,2,3.25\n4,0.125,6\n"


@pytest.fixture
def driver(start):
    found = start("spectrum", autosave=True)
    found.idle()
    return found


@pytest.fixture
def drop(tmp_path):
    """Open files of these contents as a drop does, all at once."""

    def drop_(driver, **texts):
        paths = [str(tmp_path / f"{name}.csv") for name in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        driver.window.paths_dropped.emit(paths)
        driver.wait(lambda: driver.store["selection"].active.path == paths[0])
        driver.idle()

    return drop_


def titles():
    return [one.windowTitle() for one in dialogs()]


def test_a_doubtful_table_asks_once_and_keeps_the_window_free(driver, drop, tmp_path):
    drop(driver, wave=DOUBTFUL)
    (dialog,) = dialogs()
    assert not dialog.isModal()
    assert "with 0 heading rows" in dialog.notes.text()
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    drop(driver, wave=DOUBTFUL)
    assert titles() == []
    drop(driver, wave=DOUBTFUL.replace("0.4", "0.9"))
    assert len(titles()) == 1


def test_a_plain_table_and_a_matrix_never_ask(driver, drop):
    drop(driver, plain=PLAIN)
    driver.open(("a", np.eye(3)))
    assert titles() == []


def test_several_files_make_one_dialog_of_one_that_is_doubtful(driver, drop):
    drop(driver, plain=PLAIN, wave=DOUBTFUL, years=OTHER)
    assert titles() == ["How wave.csv is read"]
    drop(driver, years=OTHER)
    assert titles() == ["How wave.csv is read"]


def test_it_answers_for_its_own_file_though_another_is_selected(driver, drop, tmp_path):
    drop(driver, wave=DOUBTFUL)
    (dialog,) = dialogs()
    driver.open(("a", np.eye(3)))
    dialog.fields["header"].setText("0")
    driver.wait(lambda: dialog.matrix.rowCount() == 3)
    dialog.ok.click()
    path = str(tmp_path / "wave.csv")
    driver.wait(lambda: driver.store["files"].find(path).entries[0].shape == (3, 4))
    assert driver.store["selection"].active.entry == "a"
    assert titles() == []


def test_a_file_that_was_closed_under_the_dialog_stays_closed(driver, drop, tmp_path):
    drop(driver, wave=DOUBTFUL)
    (dialog,) = dialogs()
    driver.application.sources.close_file(str(tmp_path / "wave.csv"))
    dialog.ok.click()
    driver.idle()
    assert driver.store["files"].find(str(tmp_path / "wave.csv")) is None


def test_a_restored_session_does_not_ask(driver, drop, start):
    drop(driver, wave=DOUBTFUL)
    dialogs()[0].reject()
    overrule(driver, header="0")
    driver.close()
    again = start("spectrum", autosave=True)
    again.idle()
    assert again.store["selection"].active.shape == (3, 4)
    assert titles() == []


def test_nobody_is_asked_for_a_picture_of_the_window(driver, drop):
    driver.application.sources.asking.by_itself = False  # as for --screenshot
    drop(driver, wave=DOUBTFUL)
    assert titles() == []


def test_it_goes_with_the_window(driver, drop):
    drop(driver, wave=DOUBTFUL)
    driver.close()
    assert titles() == []


def test_it_is_reached_from_the_note_the_menu_of_the_entry_and_the_palette(
    driver, drop, monkeypatch
):
    drop(driver, plain=PLAIN)
    button = driver.application.sources.widget.reading_button
    driver.qtbot.mouseClick(button, LEFT)
    assert titles() == ["How plain.csv is read"]
    dialogs()[0].reject()

    tree = named(driver.window, QTreeWidget, "Open files and their arrays")
    menus = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: menus.append(menu))
    place = tree.visualItemRect(tree.currentItem()).center()
    tree.customContextMenuRequested.emit(place)
    next(one for one in menus[0].actions() if one.text() == "How it is read…").trigger()
    menus[0].close()
    assert titles() == ["How plain.csv is read"]
    dialogs()[0].reject()

    entry = offers(driver.window)["command/reading"]
    entry.run()
    assert titles() == ["How plain.csv is read"]
    dialogs()[0].reject()
    driver.open(("a", np.eye(3)))
    assert not button.isVisible()
