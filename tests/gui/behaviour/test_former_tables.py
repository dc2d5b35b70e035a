"""What people have saved stays: a table that reads otherwise now opens as it did, says so once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gui.core.export.export import export_figure
from gui.core.export.metadata import read_metadata
from gui.core.state.figure_state import state_of
from gui.core.state.session import encode
from gui.window.settings import Settings

TABLE = "1990,1995\n1.5,2.5\n3.5,4.5\n"
THEN = [[1990, 1995], [1.5, 2.5], [3.5, 4.5]]
NOW = [[1.5, 2.5], [3.5, 4.5]]


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "years.csv"
    found.write_text(TABLE, "utf-8")
    return found


def session_from_before(path, shape, rank=2):
    """A session as the program before wrote it."""
    stamp = f"{path.stat().st_size}:{path.stat().st_mtime_ns}"
    entry = {"name": "years", "shape": shape, "dtype": "float64", "note": "", "readable": True}
    file = {"path": str(path), "title": "years.csv", "entries": [entry], "stamp": stamp}
    ref = {"path": str(path), "entry": "years", "shape": shape, "dtype": "float64", "index": []}
    ref |= {"stamp": stamp, "channels": 1}
    state = {
        "files": {"items": [{**file, "notes": []}]},
        "selection": {"active": ref, "repairs": []},
        "spectrum": {"rank": rank},
    }
    folder = path.parent / "config"
    folder.mkdir(exist_ok=True)
    text = json.dumps({"schema": 1, "state": state})
    (folder / "session.json").write_text(text, encoding="utf-8")


def matrix(driver):
    return driver.image("spectrum.matrix")


def press_offer(driver):
    button = driver.window.messages.bar.action_button
    assert button.text() == "Read as found now"
    button.click()
    driver.idle()


def test_a_session_opens_its_table_as_before_says_so_once_and_offers_the_new(start, path):
    session_from_before(path, [3, 2])
    driver = start("spectrum", autosave=True)
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), THEN)
    assert driver.store["spectrum"].rank == 2
    assert "years.csv would be read as 2 × 2 now" in driver.message()
    assert "as 3 × 2" in driver.message()
    assert not driver.store.can_undo
    driver.close()

    again = start("spectrum", autosave=True)
    again.idle()
    np.testing.assert_array_equal(matrix(again), THEN)
    assert again.message() == ""


def test_the_new_reading_is_one_click_and_a_step_that_undo_takes_back(start, path):
    session_from_before(path, [3, 2], rank=1)
    driver = start("spectrum", autosave=True)
    driver.idle()
    press_offer(driver)
    np.testing.assert_array_equal(matrix(driver), NOW)
    assert driver.store["spectrum"].rank == 1
    driver.store.undo()
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), THEN)


def test_a_session_whose_table_reads_as_it_did_says_nothing(start, path):
    session_from_before(path, [2, 2])
    driver = start("spectrum", autosave=True)
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), NOW)
    assert driver.message() == ""
    assert driver.store["selection"].tables == ()


def test_a_table_that_has_grown_since_is_read_as_found(start, path):
    session_from_before(path, [3, 2])
    path.write_text(TABLE + "5.5,6.5\n", "utf-8")
    driver = start("spectrum", autosave=True)
    driver.idle()
    assert driver.store["files"].items[0].entries[0].shape == (3, 2)
    assert driver.store["files"].items[0].reading == ()
    assert driver.message() == ""


def test_a_recent_file_from_before_opens_as_before_once_its_person_is_told(start, path, tmp_path):
    settings = Settings(str(tmp_path / "config" / "rankscope.ini"))
    settings.add_recent(str(path))
    settings.sync()
    driver = start("spectrum", autosave=True)
    driver.window.recent_requested.emit(str(path))
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), THEN)
    assert "it is read as before, as 3 × 2" in driver.message()
    press_offer(driver)
    np.testing.assert_array_equal(matrix(driver), NOW)
    driver.application.sources.close_file(str(path))
    driver.window.recent_requested.emit(str(path))
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), NOW)


def test_a_file_that_is_new_here_is_read_as_found(start, path):
    driver = start("spectrum", autosave=True)
    driver.application.open_paths([str(path)])
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), NOW)
    driver.application.sources.asking.close()


def test_a_picture_from_before_brings_its_table_back_as_it_was(start, path, tmp_path):
    driver = start("spectrum")
    driver.application.sources.asking.by_itself = False
    driver.application.open_paths([str(path)])
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    driver.idle()
    driver.application.sources.reload(str(path), (("header", "0"),))
    driver.wait(lambda: driver.store["selection"].active.shape == (3, 2))
    driver.store.replace("spectrum", label="rank", rank=1)
    driver.idle()
    state = json.loads(json.dumps(state_of(driver.store.state, "spectrum")))
    del state["slices"]["selection"]["tables"]  # as the program before wrote it
    figure = replace(driver.figure("spectrum.values"), state=state)
    picture = export_figure(figure, tmp_path / "figure.png")
    assert "tables" not in read_metadata(picture)["state"]["slices"]["selection"]
    driver.application.sources.reload(str(path), ())
    driver.wait(lambda: driver.store["selection"].active.shape == (2, 2))
    driver.store.replace("spectrum", label="rank", rank=2)
    driver.idle()

    driver.application.open_paths([str(picture)])
    driver.wait(lambda: driver.store["selection"].active.shape == (3, 2))
    driver.idle()
    np.testing.assert_array_equal(matrix(driver), THEN)
    assert driver.store["spectrum"].rank == 1
    assert encode(driver.store["selection"])["tables"] != []
