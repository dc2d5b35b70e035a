"""Files that change on disk: offered or followed, and nothing that a person set is lost."""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from tests.support.known import sigma_of

WITHIN = 20_000  # milliseconds; 3000 where nothing else is computed
A = np.random.default_rng(5).normal(size=(12, 7))
B = np.random.default_rng(6).normal(size=(15, 7))


def write(path, array):
    """Put a new file in the place of the old one, as editors do."""
    part = f"{path}.part"
    with open(part, "wb") as file:
        np.save(file, array)
    os.replace(part, path)


@pytest.fixture
def opened(start):
    driver = start("spectrum")
    driver.open(("a", A))
    driver.store.replace("spectrum", label="rank", rank=3, tau=0.25)
    driver.idle()
    return driver


def sigma(driver):
    return driver.series("spectrum.values", "main").y


def row_of(driver, path):
    tree = driver.application.sources.widget.tree
    rows = map(tree.topLevelItem, range(tree.topLevelItemCount()))
    return next(one for one in rows if one.text(0) == os.path.basename(path))


def in_tree(driver, path):
    return row_of(driver, path).text(1)


def path_of(driver):
    return driver.store["selection"].active.path


def test_a_changed_file_is_offered_and_read_when_asked(opened):
    write(path_of(opened), B)
    opened.wait(lambda: "has changed on disk" in opened.message())
    assert_allclose(sigma(opened), sigma_of(A), rtol=1e-9)
    opened.application.window.messages.bar.action_button.click()
    opened.wait(lambda: "read again" in opened.message())
    opened.idle()
    assert_allclose(sigma(opened), sigma_of(B), rtol=1e-9)
    assert (opened.store["spectrum"].rank, opened.store["spectrum"].tau) == (3, 0.25)
    assert opened.store["selection"].active.shape == (15, 7)


def test_a_followed_file_is_read_by_itself_as_often_as_it_changes(opened):
    window = opened.application.window
    window.toggle_follow()
    assert window.follows
    for array in (B, A + 1.0, B[:9]):
        write(path_of(opened), array)
        shape = array.shape
        opened.wait(lambda s=shape: opened.store["selection"].active.shape == s)
        opened.idle()
        opened.wait(lambda a=array: len(sigma(opened)) == len(sigma_of(a)))
        opened.wait(lambda a=array: np.allclose(sigma(opened), sigma_of(a), rtol=1e-9))
    assert opened.store["spectrum"].rank == 3


def test_a_broken_file_leaves_the_old_numbers(opened):
    opened.application.window.toggle_follow()
    with open(f"{path_of(opened)}.part", "wb") as file:
        file.write(b"no numbers at all")
    os.replace(f"{path_of(opened)}.part", path_of(opened))
    opened.wait(lambda: "former numbers stay" in opened.message())
    opened.idle()
    assert_allclose(sigma(opened), sigma_of(A), rtol=1e-9)
    write(path_of(opened), B)  # it was written whole in the end
    opened.wait(lambda: "read again" in opened.message())
    assert "former numbers stay" not in opened.message()


def test_f5_reads_the_selected_file_again(opened):
    write(path_of(opened), B)
    opened.wait(lambda: "has changed on disk" in opened.message())
    action = opened.application.window.findChild(QAction, "reload")
    assert action.isEnabled()
    assert action.shortcut() == QKeySequence("F5")
    action.trigger()
    opened.wait(lambda: "read again" in opened.message())
    opened.idle()
    assert_allclose(sigma(opened), sigma_of(B), rtol=1e-9)
    assert "has changed on disk" not in opened.message()  # it is answered


def test_a_file_that_vanishes_keeps_its_numbers_and_says_so(opened):
    path = path_of(opened)
    os.remove(path)
    opened.wait(lambda: "is not in its place any more" in opened.message(), timeout=WITHIN)
    assert in_tree(opened, path) == "gone"
    assert_allclose(sigma(opened), sigma_of(A), rtol=1e-9)
    write(path, B)
    opened.wait(lambda: "has changed on disk" in opened.message())
    assert "any more" not in opened.message()
    assert in_tree(opened, path) == "changed"
    opened.application.window.messages.bar.action_button.click()
    opened.wait(lambda: in_tree(opened, path) == "")


def test_a_changed_file_is_followed_from_its_message_on(opened):
    path, window = path_of(opened), opened.application.window
    write(path, B)
    opened.wait(lambda: in_tree(opened, path) == "changed", timeout=WITHIN)
    bar = window.messages.bar
    assert bar.other_button.text() == "Follow"
    bar.other_button.click()
    opened.wait(lambda: opened.store["selection"].active.shape == B.shape)
    opened.idle()
    assert window.follows
    assert next(a for a in window.findChildren(QAction) if "Follow changes" in a.text()).isChecked()
    assert in_tree(opened, path) == ""


def test_the_menu_of_a_file_reads_it_again(opened, monkeypatch):
    path, shown = path_of(opened), []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: shown.append(menu))
    tree = opened.application.sources.widget.tree
    tree.customContextMenuRequested.emit(tree.visualItemRect(row_of(opened, path)).center())
    write(path, B)
    next(one for one in shown[0].actions() if one.text() == "Read again").trigger()
    opened.wait(lambda: opened.store["selection"].active.shape == B.shape)
    opened.idle()
    assert opened.store["spectrum"].rank == 3


def test_in_another_language_files_open_and_the_tree_says_what_became_of_them(opened):
    """The window is another one then, and its tree, too."""
    path = path_of(opened)
    os.remove(path)
    opened.wait(lambda: in_tree(opened, path) == "gone")
    opened.application.set_language("zh_CN")
    opened.turns()  # the window of before is destroyed
    assert in_tree(opened, path) == "已消失"
    opened.open(("b", B))
    opened.idle()
    assert len(sigma(opened)) == 7
    write(path, B)
    opened.wait(lambda: in_tree(opened, path) == "已更改")
