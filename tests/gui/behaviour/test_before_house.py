"""Sessions and pictures that the program has written before open as they did.

Where the replacement of NaN is remembered is the program's own business: asked is only that the
pages show the replaced numbers.
"""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from tests.support.goldens.figure_summary import differences, summary
from tests.support.goldens.recorded import RECORDED, filled, lay_out, plain, read_json
from tests.support.known import sigma_of

SESSIONS = sorted(folder.name for folder in (RECORDED / "sessions").iterdir())
PICTURES = sorted(file.name for file in (RECORDED / "pictures").iterdir() if file.suffix != ".json")
TITLES = {"topk": "Top-k", "spectrum": "Spectrum", "column_row": "Column-row"}
# One array, replaced in two ways: there is one choice for every page now, or may be.
AMBIGUOUS = "repaired_differently"


# What has no part in a figure is no longer said of it: the weights of norms, which show none; a
# seed where no operator ticked draws; the tau of equal softness; the operator of no soft choice.
LESS_SAID = ("column_row.norms/meta/weights", r"column_row.\w+/meta/(operator|tau)")
LESS_SAID += (r"topk.\w+/meta/(seed|tau)",)
# A witness stands on the curve of its operator alone, not on another one where that is not drawn.
LESS_SAID += (r"topk.output/series/witness",)
# Rank rules that have come since stand on the plot, too, and may share a line with others.
RULES = r"/spectrum.values/(cursors/rule|spans/agreement)[^:]*: .*"
# A softness says its unit.
UNIT = r"/topk.\w+/meta/softness: .*(share of k|bits).*"
# What is nothing but rounding is another number on another processor.
_ROUNDING = r"'relative error [\d.]+e-1[3-9] %'"
ROUNDING = rf"/column_row.residual/note: {_ROUNDING} was recorded, now {_ROUNDING}"
LESS = "|".join(LESS_SAID)
# The circle stands before its stages, each vector under its own name.
GEOMETRY = r"/spectrum.(geometry|stage\d)[/:].*"
OTHERS = f"{GEOMETRY}|{RULES}|{UNIT}|{ROUNDING}"
MORE_SAID = re.compile(f"/[^/]+/meta/[^/]+: new|/({LESS}): gone|{OTHERS}", re.DOTALL)


def without_repairs(value):
    """Leave out how bad entries are replaced, wherever it is remembered."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in ("repair", "repairs")}
        return {key: without_repairs(item) for key, item in kept.items()}
    return [without_repairs(item) for item in value] if isinstance(value, list) else value


def as_known(now, recorded):
    """Leave out of ``now`` the fields that have come since."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        return {key: as_known(now[key], one) for key, one in recorded.items() if key in now}
    if isinstance(recorded, list) and isinstance(now, list) and len(now) == len(recorded):
        return [as_known(*pair) for pair in zip(now, recorded, strict=True)]
    return now


def check_state(store, recorded):
    """Every field that was recorded has its value; fields that have come since are not asked."""
    for name, fields in without_repairs(recorded).items():
        now = without_repairs(plain(store[name]))
        assert as_known(now, fields) == fields, name


def check_shown(driver, recorded):
    """Every figure is as it was; an export may say more of where it comes from."""
    now = {key: summary(figure) for key, figure in driver.figures().items()}
    found = (one for one in differences(recorded, now) if not MORE_SAID.fullmatch(one))
    assert list(found) == []


@pytest.fixture
def load(start, tmp_path):
    """Start a program over a recorded session; returns it with what was recorded."""

    def load_(name):
        lay_out(tmp_path)
        folder = RECORDED / "sessions" / name
        session = filled(read_json(folder / "session.json"), tmp_path)
        (tmp_path / "config").mkdir()
        path = tmp_path / "config" / "session.json"
        path.write_text(json.dumps(session), encoding="utf-8")
        expected = filled(read_json(folder / "expected.json"), tmp_path)
        driver = start(expected["page"], autosave=True)
        driver.idle()
        return driver, session, expected

    return load_


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("name", SESSIONS)
def test_a_recorded_session_is_there_again(load, name):
    driver, session, expected = load(name)
    assert driver.front() == TITLES[expected["page"]]
    assert ("replaced in two ways" in driver.message()) == (name == AMBIGUOUS)
    assert driver.message() == "" or name == AMBIGUOUS
    assert not driver.store.can_undo
    check_state(driver.store, expected["state"])
    opened = {one["path"]: one for one in plain(driver.store["files"].items)}
    for file in session["state"]["files"]["items"]:
        assert as_known(opened[file["path"]], file) == file
    for page, shown in expected["shown"].items():
        driver.page(page)
        if name != AMBIGUOUS or page == "topk":
            check_shown(driver, shown)


def test_an_array_that_two_pages_replaced_differently_is_replaced_on_both(load, tmp_path):
    driver, _, _ = load(AMBIGUOUS)
    broken = np.load(tmp_path / "broken.npy")
    finite = np.isfinite(broken)
    zero = np.where(finite, broken, 0.0)
    means = zero.sum(axis=0) / finite.sum(axis=0)
    either = {"zero": zero, "column_mean": np.where(finite, broken, means)}

    driver.page("spectrum")
    drawn = driver.series("spectrum.values", "main").y
    assert "column's mean" in driver.notice() or "count as 0" in driver.notice()
    assert any(np.allclose(drawn, sigma_of(a), rtol=1e-9) for a in either.values())

    driver.page("column_row")
    drawn = driver.image("column_row.product")
    assert "column's mean" in driver.notice() or "count as 0" in driver.notice()
    assert any(np.allclose(drawn, a.T @ a, atol=1e-12) for a in either.values())


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("picture", PICTURES)
def test_a_recorded_picture_brings_its_settings_back(start, tmp_path, picture):
    lay_out(tmp_path)
    shutil.copy(RECORDED / "pictures" / picture, tmp_path / picture)
    expected = filled(read_json(RECORDED / "pictures" / f"{picture}.expected.json"), tmp_path)
    driver = start("spectrum" if expected["page"] == "topk" else "topk")
    driver.idle()
    driver.application.open_paths([str(tmp_path / picture)])
    driver.wait(lambda: "has brought its settings back" in driver.message())
    driver.idle()
    assert picture in driver.message()
    assert "Not restored" not in driver.message()
    assert driver.front() == TITLES[expected["page"]]
    assert driver.store.undo_label == expected["undo"]
    check_state(driver.store, expected["state"])
    check_shown(driver, expected["shown"])
    page = expected["page"]
    driver.store.undo()
    state = expected["state"][page]
    assert as_known(without_repairs(plain(driver.store[page])), state) != state
