"""The store: frozen state, ordered news, undo that a person would expect."""

from __future__ import annotations

import dataclasses
import random

import pytest

from gui.core.state.store import HISTORY_LIMIT, Store


@dataclasses.dataclass(frozen=True)
class Page:
    k: float = 8.0
    tau: float = 0.5


@dataclasses.dataclass(frozen=True)
class Files:
    items: tuple[str, ...] = ()


@pytest.fixture
def store(qapp):
    return Store({"page": Page(), "files": Files()}, outside_history=("files",))


@pytest.fixture
def news(store):
    """Every (old, new) state that was told."""
    told = []
    store.changed.connect(lambda old, new: told.append((old, new)))
    return told


def test_replace_tells_old_and_new(store, news):
    before = store.state
    assert store.replace("page", label="k", k=3.0)
    assert news == [(before, store.state)]
    assert before["page"] == Page()
    assert store["page"] == Page(3.0)


def test_replace_by_the_same_says_nothing(store, news, qtbot):
    with qtbot.assertNotEmitted(store.history_changed):
        assert not store.replace("page", label="k", k=8.0)
    assert news == []
    assert not store.can_undo


def test_state_cannot_be_changed_from_outside(store):
    with pytest.raises(TypeError):
        store.state["page"] = Page(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        store["page"].k = 1.0


def test_initial_mapping_is_copied(qapp):
    initial = {"page": Page()}
    store = Store(initial)
    initial["page"] = Page(1.0)
    assert store["page"] == Page()


@pytest.mark.parametrize(("name", "field"), [("nowhere", "k"), ("page", "nothing")])
def test_mistaken_names_change_nothing(name, field, store, news):
    with pytest.raises((KeyError, TypeError)):
        store.replace_many({"page": {"tau": 9.0}, name: {field: 1.0}}, label="x")
    assert store["page"] == Page()
    assert news == []


def test_undo_and_redo_restore_and_name_the_step(store, news):
    store.replace("page", label="k", k=3.0)
    store.replace("page", label="tau", tau=0.1)
    assert (store.undo_label, store.redo_label) == ("tau", "")
    store.undo()
    assert store["page"] == Page(3.0)
    assert (store.undo_label, store.redo_label) == ("k", "tau")
    store.redo()
    assert store["page"] == Page(3.0, 0.1)
    assert len(news) == 4


def test_undo_and_redo_at_the_ends_do_nothing(store, news):
    store.undo()
    store.redo()
    assert news == []


def test_new_change_forgets_what_was_undone(store):
    store.replace("page", label="k", k=3.0)
    store.undo()
    store.replace("page", label="tau", tau=0.1)
    assert not store.can_redo
    assert store.undo_label == "tau"


def test_drag_is_one_step_until_sealed(store):
    for k in (7.0, 6.0, 5.0):
        store.replace("page", label="k", merge="drag k", k=k)
    store.seal()
    store.replace("page", label="k", merge="drag k", k=4.0)
    store.undo()
    assert store["page"] == Page(5.0)
    store.undo()
    assert store["page"] == Page(8.0)
    assert not store.can_undo


def test_drag_that_ends_where_it_began_leaves_no_step(store, news):
    store.replace("page", label="tau", tau=2.0)
    for k in (9.0, 12.0, 8.0):
        store.replace("page", label="k", merge="k", k=k)
    store.seal()
    assert store.undo_label == "tau"
    store.undo()
    assert store["page"] == Page()
    assert not store.can_undo


def test_drag_through_its_beginning_is_still_one_step(store):
    for k in (9.0, 8.0, 11.0):
        store.replace("page", label="k", merge="k", k=k)
    store.seal()
    store.undo()
    assert store["page"].k == 8.0
    assert not store.can_undo


def test_undo_of_an_idle_drag_takes_back_the_step_before(store):
    store.replace("page", label="tau", tau=2.0)
    store.replace("page", label="k", merge="k", k=9.0)
    store.replace("page", label="k", merge="k", k=8.0)
    store.undo()
    assert store["page"].tau == 0.5


def test_drag_after_undo_is_a_step_of_its_own(store):
    store.replace("page", label="k", merge="drag k", k=7.0)
    store.replace("page", label="tau", tau=0.1)
    store.undo()
    store.replace("page", label="k", merge="drag k", k=6.0)
    store.undo()
    assert store["page"] == Page(7.0)


def test_slices_outside_history_keep_their_present(store):
    store.replace("page", label="k", k=3.0)
    store.replace("files", label="open", items=("a.npy",))
    assert store.undo_label == "k"
    store.undo()
    assert store["page"] == Page()
    assert store["files"] == Files(("a.npy",))
    store.replace("files", label="close", items=())
    assert store.can_redo  # opening a file does not forget what was undone
    store.redo()
    assert (store["page"], store["files"]) == (Page(3.0), Files())


def test_changes_to_several_slices_are_one_step(store, news):
    store.replace_many({"page": {"k": 1.0}, "files": {"items": ("b",)}}, label="open")
    assert len(news) == 1
    store.undo()
    assert (store["page"], store["files"]) == (Page(), Files(("b",)))


def test_restore_takes_known_slices_as_one_step(store):
    assert store.restore({"page": Page(1.0, 2.0), "gone": Page()}, label="session")
    assert set(store.state) == {"page", "files"}
    store.undo()
    assert store["page"] == Page()


def test_listener_that_replaces_again_keeps_the_order_for_all(store):
    first, second = [], []

    def clamp(old, new):
        first.append(new["page"].k)
        if new["page"].k > 10:
            store.replace("page", label="limit", k=10.0)

    store.changed.connect(clamp)
    store.changed.connect(lambda old, new: second.append((old["page"].k, new["page"].k)))
    store.replace("page", label="k", k=50.0)
    assert first == [50.0, 10.0]
    assert second == [(8.0, 50.0), (50.0, 10.0)]


def test_history_is_limited(store):
    for k in range(HISTORY_LIMIT + 20):
        store.replace("page", label="k", k=float(k + 100))
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    assert steps == HISTORY_LIMIT
    assert store["page"].k == 119.0


@pytest.mark.parametrize("seed", range(5))
def test_random_walk_agrees_with_a_plain_list_of_states(seed, store):
    draw = random.Random(seed)
    history, here = [store["page"]], 0
    for _ in range(300):
        action = draw.random()
        if action < 0.3:
            store.undo()
            here = max(0, here - 1)
        elif action < 0.5:
            store.redo()
            here = min(len(history) - 1, here + 1)
        else:
            page = Page(float(draw.randrange(5)), float(draw.randrange(3)))
            if store.replace("page", label="x", k=page.k, tau=page.tau):
                history[here + 1 :] = [page]
                here += 1
        assert store["page"] == history[here]
        assert (store.can_undo, store.can_redo) == (here > 0, here < len(history) - 1)
