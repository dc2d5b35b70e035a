import dataclasses
import json
import random
from typing import Literal

import pytest

from gui.core.state.document import DataRef, Files, Selection
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.state.session import from_json, to_json, write_atomically
from gui.core.state.store import Store
from gui.window.session.autosave import Autosave


@dataclasses.dataclass(frozen=True)
class Settings:
    k: float = 3.0
    n: int = 5
    order: Literal["index", "rank"] = "index"
    on: bool = True
    edits: tuple[tuple[int, float], ...] = ()
    cut: float | None = None


INITIAL = {"files": Files(), "selection": Selection(), "page": Settings()}
FILLED = {
    "files": Files(
        (OpenFile("/a/b.npz", "b.npz", (EntryInfo("q", (3, 4), "float32", "x"),), "1"),)
    ),
    "selection": Selection(DataRef("/a/b.npz", "q", (3, 4), "float32", (1,), "1")),
    "page": Settings(0.5, 9, "rank", False, ((2, 1.25), (7, -1e-300)), 0.1),
}


def test_a_round_trip_gives_an_equal_state():
    assert from_json(to_json(FILLED), INITIAL) == (FILLED, ())


def test_numbers_survive_exactly():
    state = {"page": Settings(k=0.1 + 0.2, edits=((0, 1e-308), (1, 2**-1074)))}
    assert from_json(to_json(state), INITIAL)[0]["page"] == state["page"]


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '{"schema": 99, "state": {}}', "\x00"])
def test_a_text_that_is_no_session_is_a_fresh_start(text):
    slices, notices = from_json(text, INITIAL)
    assert slices == INITIAL
    assert len(notices) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("k", "many"), ("n", 1.5), ("order", "upside down"), ("on", 3), ("edits", [[1]]), ("n", None)],
)
def test_a_field_that_does_not_fit_keeps_its_default_and_is_named(field, value):
    document = json.loads(to_json(FILLED))
    document["state"]["page"][field] = value
    slices, notices = from_json(json.dumps(document), INITIAL)
    assert getattr(slices["page"], field) == getattr(Settings(), field)
    assert slices["files"] == FILLED["files"]
    assert f"page.{field}" in notices[0]


def test_unknown_slices_and_fields_are_ignored():
    document = json.loads(to_json(FILLED))
    document["state"]["future"] = {"x": 1}
    document["state"]["page"]["future"] = 1
    assert from_json(json.dumps(document), INITIAL) == (FILLED, ())


def test_damaged_texts_never_raise():
    text = to_json(FILLED)
    rng = random.Random(7)
    for _ in range(400):
        characters = list(text)
        for _ in range(rng.randint(1, 6)):
            characters[rng.randrange(len(characters))] = rng.choice('{}[]",:0x\\ntrue')
        slices, _ = from_json("".join(characters), INITIAL)
        assert slices.keys() == INITIAL.keys()
        assert all(type(slices[name]) is type(INITIAL[name]) for name in INITIAL)


def test_autosave_writes_after_a_change_and_restores(qtbot, tmp_path):
    store = Store(INITIAL)
    autosave = Autosave(store, tmp_path)
    store.replace("page", label="k", k=1.5)
    qtbot.waitUntil((tmp_path / "session.json").exists, timeout=5000)
    autosave.stop()
    again = Store(INITIAL)
    restored = Autosave(again, tmp_path)
    assert restored.restore() == ()
    assert again["page"].k == 1.5
    assert not again.can_undo
    restored.stop()


def test_write_atomically_leaves_no_part_behind(tmp_path):
    target = tmp_path / "deep" / "session.json"
    write_atomically(target, "one")
    write_atomically(target, "two")
    assert target.read_text() == "two"
    assert [p.name for p in target.parent.iterdir()] == ["session.json"]
