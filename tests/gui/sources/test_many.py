"""Files of many arrays: rows are made when they are looked at, and stay while other files come."""

import json

import pytest

from gui.core.state.document import DataRef, Files
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.state.session import encode, from_json, to_json
from gui.pages.sources.screen.tree import SourcesView


def many(path, experts=60):
    names = [f"h.{i}.experts.{e}.{w}" for i in range(21) for e in range(experts) for w in "ab"]
    entries = tuple(EntryInfo(name, (2, 3), "float32") for name in ("embed", *names))
    return OpenFile(path, path.rsplit("/")[-1], entries)


def few(path):
    return OpenFile(path, path.rsplit("/")[-1], (EntryInfo("w", (2, 3), "float32"),))


def below(item):
    children = [item.child(row) for row in range(item.childCount())]
    return len(children) + sum(map(below, children))


@pytest.fixture
def view(qtbot):
    made = SourcesView()
    qtbot.addWidget(made)
    made.show()
    return made


def titles(view):
    return [view.tree.topLevelItem(row).text(0) for row in range(view.tree.topLevelItemCount())]


def test_groups_of_a_large_file_are_filled_when_they_are_opened(view):
    view.set_files((many("/m"),), "")
    layers = view.tree.topLevelItem(0).child(1)
    assert (layers.text(0), layers.text(1), layers.childCount()) == ("h", "(2520)", 0)
    layers.setExpanded(True)
    assert layers.childCount() == 21
    assert (layers.child(4).text(0), layers.child(4).text(1)) == ("4.experts", "(120)")
    layers.child(4).setExpanded(True)
    layers.child(4).child(7).setExpanded(True)
    assert [layers.child(4).child(7).child(row).text(0) for row in (0, 1)] == ["a", "b"]
    assert below(view.tree.topLevelItem(0)) == 2 + 21 + 60 + 2


def test_an_array_in_a_closed_group_is_found_and_marked(view):
    view.set_files((many("/m"), many("/n")), "")
    view.set_active(DataRef("/n", "h.9.experts.5.b", (2, 3), "float32"))
    item = view.tree.currentItem()
    assert (item.text(0), item.parent().text(0)) == ("b", "5")
    assert below(view.tree.topLevelItem(0)) == 2
    view.set_active(DataRef("/n", "gone", (2, 3), "float32"))
    assert view.tree.currentItem() is None


def test_rows_stay_while_other_files_come_and_go(view):
    first, last = many("/first"), few("/last")
    view.set_files((first, last), "")
    rows = [view.tree.topLevelItem(row) for row in (0, 1)]
    view.set_files((first, few("/x"), few("/y"), last), "")
    assert titles(view) == ["first", "x", "y", "last"]
    assert [view.tree.topLevelItem(row) for row in (0, 3)] == rows
    view.set_files((first, few("/y"), last), "")
    assert titles(view) == ["first", "y", "last"]
    view.set_files((last, first), "")
    assert titles(view) == ["last", "first"]
    view.set_files((last, many("/first", 70)), "")
    assert view.tree.topLevelItem(1).child(1).text(1) == "(2940)"
    view.set_files((last,), "w", frozenset({("/last", "w")}))
    view.set_files((last, first), "")
    assert titles(view) == ["last", "first"]
    view.set_active(DataRef("/last", "w", (2, 3), "float32"))
    assert view.tree.currentItem().text(0) == "w"


def test_a_long_list_is_written_once_and_as_it_is(monkeypatch):
    state = {"files": Files((many("/m"), few("/last")))}
    text = to_json(state)
    saved = json.loads(text)["state"]
    assert saved == {name: encode(value) for name, value in state.items()}
    assert from_json(text, {"files": Files()}) == (state, ())
    monkeypatch.setattr("gui.core.state.session.encode", lambda value: 1 / 0)
    assert to_json(state) == text
    other = {"files": Files((many("/m"), few("/last")))}
    with pytest.raises(ZeroDivisionError):
        to_json(other)
