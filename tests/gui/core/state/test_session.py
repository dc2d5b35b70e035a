"""Damaged sessions: nothing in a file may prevent a start; the rest is in tests/gui."""

from __future__ import annotations

import dataclasses
import json
import random

import pytest

from gui.core.state.document import DataRef, Files, Selection
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.state.session import from_json, to_json
from gui.core.state.store import Store
from gui.window.session.autosave import Autosave


@dataclasses.dataclass(frozen=True)
class Point:
    index: int
    value: float


@dataclasses.dataclass(frozen=True)
class Page:
    k: float = 3.0
    best: Point = Point(0, 0.0)
    pair: tuple[float, float] = (0.0, 1.0)
    points: tuple[Point, ...] = ()
    chosen: Point | None = None


INITIAL = {"files": Files(), "selection": Selection(), "page": Page()}
FILLED = {
    "files": Files((OpenFile("/a/b.npz", "b.npz", (EntryInfo("q", (3, 4), "float32"),)),)),
    "selection": Selection(DataRef("/a/b.npz", "q", (3, 4), "float32", (1,))),
    "page": Page(0.5, Point(3, 0.25), (1.0, 2.0), (Point(1, 2.0),), Point(7, -1e-300)),
}
GARBAGE = (
    None,
    True,
    -1,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\udcff",
    [],
    [[]],
    {},
    {"index": 1},
    {"index": "x", "value": []},
    [1, 2, 3],
    [{"index": 1}],
    [None],
    {"path": 5},
)


@pytest.mark.parametrize(
    "place",
    [
        "state",
        "schema",
        "state/page",
        "state/files",
        "state/files/items",
        "state/selection/active",
        "state/page/k",
        "state/page/best",
        "state/page/pair",
        "state/page/points",
        "state/page/chosen",
        "state/page/best/value",
    ],
)
def test_garbage_anywhere_never_raises_and_keeps_the_types(place):
    for garbage in GARBAGE:
        document = json.loads(to_json(FILLED))
        *folders, last = place.split("/")
        target = document
        for folder in folders:
            target = target[folder]
        target[last] = garbage
        slices, _ = from_json(json.dumps(document), INITIAL)
        _assert_usable(slices)


@pytest.mark.parametrize("seed", range(5))
def test_damaged_text_never_raises(seed):
    draw = random.Random(seed)
    text = to_json(FILLED)
    for _ in range(200):
        letters = list(text)
        for _ in range(draw.randrange(1, 6)):
            place = draw.randrange(len(letters))
            letters[place : place + draw.randrange(4)] = draw.choice(
                ["", "9", '"', "[", "}", ",", "null", "1e999", "\\", "\x00", "-", "é"]
            )
        slices, _ = from_json("".join(letters), INITIAL)
        _assert_usable(slices)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema":1,"state":' * 5000, "1" * 10_000])
def test_deep_or_long_nonsense_is_a_fresh_start(text):
    slices, notices = from_json(text, INITIAL)
    assert slices == INITIAL
    assert len(notices) == 1


def test_unknown_fields_and_slices_are_left_out():
    document = json.loads(to_json(FILLED))
    document["state"]["page"]["best"]["colour"] = "red"
    document["state"]["page"]["later"] = 1
    document["state"]["sweep"] = {"n": 3}
    assert from_json(json.dumps(document), INITIAL)[0] == FILLED


def test_file_name_that_is_no_unicode_is_saved(qapp, tmp_path):
    odd = Files((OpenFile("/a/\udcff.npy", "\udcff.npy", ()),))
    store = Store({"files": Files()})
    autosave = Autosave(store, tmp_path)
    store.replace("files", label="open", items=odd.items)
    autosave.save_now()
    autosave.stop()
    fresh = Store({"files": Files()})
    second = Autosave(fresh, tmp_path)
    assert second.restore() == ()
    second.stop()
    assert fresh["files"] == odd


def _assert_usable(slices):
    assert slices.keys() == INITIAL.keys()
    page = slices["page"]
    assert type(page.k) is float
    assert type(page.best) is Point
    assert type(page.best.value) is float
    assert len(page.pair) == 2
    assert all(type(point) is Point for point in page.points)
    assert page.chosen is None or type(page.chosen.index) is int
    assert all(type(item) is OpenFile for item in slices["files"].items)
    to_json(slices)


def test_a_number_that_is_none_is_left_out_and_named_a_masked_score_stays():
    text = to_json(INITIAL | {"page": Page(float("nan"), Point(1, float("-inf")))})
    slices, (notice,) = from_json(text, INITIAL)
    assert slices["page"] == Page(3.0, Point(1, float("-inf")))
    assert "page.k" in notice
