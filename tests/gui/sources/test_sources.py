import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt

from gui.core.state.document import EXAMPLES_PATH, reference
from gui.core.state.listed import EntryInfo, OpenFile
from gui.pages.sources.contents import PAGE
from gui.pages.sources.screen import Screen
from gui.pages.sources.show.words import grouped


@pytest.fixture
def sources(context, qtbot):
    page = Screen(PAGE, context)
    qtbot.addWidget(page.widget)
    page.widget.resize(260, 600)
    page.widget.show()
    yield page
    page.shutdown()


@pytest.fixture
def open_and_wait(sources, context, qtbot):
    def open_(*paths):
        sources.open_paths([str(path) for path in paths])
        qtbot.waitUntil(lambda: not context.runner.is_busy(), timeout=30000)

    return open_


def rows(tree):
    tops = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return {t.text(0): [t.child(j).text(0) for j in range(t.childCount())] for t in tops}


def test_examples_are_there_at_the_start(sources, context):
    assert EXAMPLES_PATH in [file.path for file in context.store["files"].items]
    assert "router logits" in str(rows(sources.widget.tree)).casefold()


def test_opening_selects_the_first_array_and_lists_all(sources, context, open_and_wait, tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, q=np.eye(3), k=np.ones((4, 2)))
    open_and_wait(path)
    assert rows(sources.widget.tree)["weights.npz"] == ["q", "k"]
    active = context.store["selection"].active
    assert (active.path, active.entry, active.shape) == (str(path), "q", (3, 3))
    assert context.settings.recent_files() == [str(path)]


def test_a_click_selects_an_array_and_undo_returns(
    sources, context, open_and_wait, tmp_path, qtbot
):
    path = tmp_path / "weights.npz"
    np.savez(path, q=np.eye(3), k=np.ones((4, 2)))
    open_and_wait(path)
    tree = sources.widget.tree
    item = tree.findItems("k", Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)[0]
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(item).center()
    )
    assert context.store["selection"].active.entry == "k"
    context.store.undo()
    assert context.store["selection"].active.entry == "q"
    assert tree.currentItem().text(0) == "q"


def test_errors_are_sentences_and_leave_the_session_alone(
    context, open_and_wait, tmp_path, messages
):
    good = tmp_path / "good.npy"
    np.save(good, np.eye(2))
    open_and_wait(good)
    before = dict(context.store.state)
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("1,2,3\n4,5\n")
    open_and_wait(ragged, tmp_path / "missing.npy")
    assert dict(context.store.state) == before
    text, severity = messages[-1]
    assert severity == "error"
    assert "ragged.csv" in text
    assert "row 2" in text.lower()
    assert "missing.npy" in text


def test_one_bad_file_does_not_keep_the_others_from_opening(
    sources, context, open_and_wait, tmp_path, messages
):
    np.save(tmp_path / "good.npy", np.eye(2))
    open_and_wait(tmp_path / "missing.npy", tmp_path / "good.npy")
    assert "good.npy" in rows(sources.widget.tree)
    assert len(messages) == 1


@pytest.mark.parametrize(("place", "chosen"), [("/deep/x", "deep/x"), ("/deep", "deep/a")])
def test_a_link_into_another_file_is_followed_when_its_button_is_pressed(
    sources, context, open_and_wait, tmp_path, qtbot, offers, place, chosen
):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["deep/a"], other["deep/x"] = np.ones((3, 3)), np.eye(2)
    with h5py.File(tmp_path / "main.h5", "w") as main:
        main["own"], main["away"] = np.ones((2, 2)), h5py.ExternalLink("other.h5", place)
    open_and_wait(tmp_path / "main.h5")
    assert [file.title for file in context.store["files"].items if file.title] == ["main.h5"]
    sources.widget.entry_chosen.emit(str(tmp_path / "main.h5"), "away")
    ((words, label, follow),) = offers
    assert place in words
    assert "linked file" in label
    follow()
    qtbot.waitUntil(lambda: not context.runner.is_busy(), timeout=30000)
    active = context.store["selection"].active
    assert (active.path, active.entry) == (str(tmp_path / "other.h5"), chosen)


def test_a_link_to_nothing_is_told(sources, context, open_and_wait, tmp_path, qtbot, messages):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.eye(2)
    sources.links.follow(str(tmp_path / "other.h5"), "/y")
    qtbot.waitUntil(lambda: not context.runner.is_busy(), timeout=30000)
    assert any("no array at /y" in str(one) for one in messages)


def test_an_array_of_four_axes_asks_which_slice(sources, context, open_and_wait, tmp_path, qtbot):
    path = tmp_path / "heads.npy"
    np.save(path, np.zeros((5, 7, 3, 2)))
    open_and_wait(path)
    boxes = sources.widget.matrix.boxes
    assert [box.maximum() for box in boxes] == [4, 6]
    boxes[1].setFocus()
    boxes[1].selectAll()
    qtbot.keyClicks(boxes[1], "5")
    qtbot.keyClick(boxes[1], Qt.Key.Key_Return)
    active = context.store["selection"].active
    assert active.index == (0, 5)
    assert active.shape == (3, 2)
    context.store.undo()
    assert boxes[1].value() == 0


def test_search_filters_and_clearing_shows_everything(
    sources, context, open_and_wait, tmp_path, qtbot
):
    np.savez(tmp_path / "model.npz", q_proj=np.eye(2), k_proj=np.eye(2))
    open_and_wait(tmp_path / "model.npz")
    context.finds.begin()
    qtbot.waitUntil(lambda: context.finds.is_ready, timeout=5000)
    qtbot.keyClicks(sources.widget.search, "q_pr")
    assert rows(sources.widget.tree) == {"model.npz": ["q_proj"]}
    sources.widget.search.clear()
    assert len(rows(sources.widget.tree)) == 2


def test_pinned_and_liked_arrays_come_first_when_a_person_wants_so(
    sources, context, open_and_wait, tmp_path, qtbot
):
    np.savez(tmp_path / "net.npz", q=np.eye(2), k=np.eye(2), noise=np.eye(2))
    open_and_wait(tmp_path / "net.npz")
    context.finds.begin()
    qtbot.waitUntil(lambda: context.finds.is_ready, timeout=5000)
    tree, personal = sources.widget.tree, context.finds.personal
    personal.pin(f"array/{tmp_path / 'net.npz'}\0k", True)
    personal.want("noise")
    assert rows(tree)["net.npz"] == ["q", "k", "noise"]
    by_pin, by_liking = sources.widget.sorting.menu().actions()[:0:-1]
    by_pin.trigger()
    assert rows(tree)["net.npz"] == ["k", "q", "noise"]
    by_liking.trigger()
    assert rows(tree)["net.npz"] == ["noise", "q", "k"]
    personal.want("k")
    assert rows(tree)["net.npz"] == ["k", "q", "noise"]


def test_what_was_skipped_while_reading_stands_where_the_file_is(
    sources, context, open_and_wait, tmp_path
):
    path = tmp_path / "longer.npy"
    np.save(path, np.eye(2))
    with path.open("ab") as file:
        file.write(b"12345")
    open_and_wait(path)
    said = "5 bytes after the data are ignored."
    assert context.store["files"].find(str(path)).notes == (said,)
    assert sources.widget.tree.topLevelItem(0).toolTip(0) == f"{path}\n{said}"
    assert sources.widget.note.text() == said
    assert sources.widget.note.isVisible()


def test_remarks_on_the_file_follow_those_on_the_array(sources):
    entry = EntryInfo("q", (2, 2), "float64", note="Decimal commas.")
    file = OpenFile("/a.csv", "a.csv", (entry,), notes=("5 bytes after the data are ignored.",))
    sources.widget.set_files((file,), "")
    sources.widget.set_active(reference(file, entry))
    assert sources.widget.note.text().split("\n") == [entry.note, *file.notes]


def test_closing_a_file_moves_the_selection_on(sources, context, open_and_wait, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.eye(2))
    open_and_wait(path)
    sources.close_file(str(path))
    assert context.store["files"].find(str(path)) is None
    assert context.store["selection"].active.path == EXAMPLES_PATH
    assert context.library.get(str(path)) is None


def test_files_of_one_name_are_told_apart_by_their_folders(sources, context, open_and_wait,
                                                           tmp_path):  # fmt: skip
    tree, paths = sources.widget.tree, []
    for folder in ("a/run", "b/run", "c"):
        (tmp_path / folder).mkdir(parents=True)
        paths.append(tmp_path / folder / "w.npy")
        np.save(paths[-1], np.eye(2))

    def titles():
        return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount() - 1)]

    open_and_wait(str(paths[0]))
    assert titles() == ["w.npy"]
    open_and_wait(str(paths[2]))
    assert titles() == ["c/w.npy", "run/w.npy"]
    open_and_wait(str(paths[1]))
    assert titles() == ["b/run/w.npy", "c/w.npy", "a/run/w.npy"]


def test_opening_a_changed_file_again_is_new_data(sources, context, open_and_wait, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.eye(2))
    open_and_wait(path)
    first = context.store["selection"].active
    np.save(path, np.ones((2, 3)))
    open_and_wait(path)
    assert context.store["selection"].active != first


def test_reference_keeps_positions_inside_the_axes():
    file = OpenFile("/a.npy", "a.npy", ())
    entry = EntryInfo("a", (4, 3, 2, 2), "float64")
    assert reference(file, entry, (9, -1)).index == (3, 0)
    assert reference(file, entry).index == (0, 0)
    assert reference(file, EntryInfo("v", (5,), "float64")).index == ()


def test_a_folder_opens_the_files_in_it_that_are_readable(
    sources, open_and_wait, tmp_path, messages
):
    folder = tmp_path / "数据 and more 🎲.npy"
    (folder / "deeper").mkdir(parents=True)
    np.save(folder / "b 矩阵.npy", np.eye(2))
    (folder / "A.CSV").write_text("1,2\n3,4\n")
    (folder / "notes.md").write_text("no numbers")
    open_and_wait(folder)
    listed = rows(sources.widget.tree)
    assert list(listed)[:2] == ["A.CSV", "b 矩阵.npy"]
    assert listed["b 矩阵.npy"] == ["b 矩阵"]
    assert messages == []


def test_a_folder_without_readable_files_is_a_sentence(open_and_wait, tmp_path, messages):
    (tmp_path / "empty.npy").mkdir()
    open_and_wait(tmp_path / "empty.npy")
    assert "a folder, not a file" in messages[-1][0]


def test_a_file_named_twice_is_opened_once(sources, open_and_wait, tmp_path):
    np.save(tmp_path / "a.npy", np.eye(2))
    open_and_wait(tmp_path / "a.npy", tmp_path / "." / "a.npy", tmp_path)
    assert list(rows(sources.widget.tree)).count("a.npy") == 1


def test_many_bad_files_make_one_short_message(open_and_wait, tmp_path, messages):
    for number in range(30):
        (tmp_path / f"{number:02}.npy").touch()
    open_and_wait(tmp_path)
    text, _ = messages[-1]
    assert len(messages) == 1
    assert text.count("the file is empty (0 bytes)") == 4
    assert text.endswith("And 26 more.")


def test_a_file_removed_after_opening_is_a_sentence_when_it_is_read(
    context, open_and_wait, tmp_path
):
    path = tmp_path / "a.npy"
    np.save(path, np.eye(2))
    open_and_wait(path)
    path.unlink()
    with pytest.raises(ValueError, match="changed since it was opened"):
        context.library.get(str(path)).read("a")


@pytest.fixture
def checkpoint(sources, open_and_wait, tmp_path):
    """Open a checkpoint of 20 layers; return its place in the tree."""
    names = ["embed", *(f"model.layers.{i}.{part}" for i in range(20) for part in ("q", "k"))]
    np.savez(tmp_path / "model.npz", **{name: np.eye(2) for name in names})
    open_and_wait(tmp_path / "model.npz")
    return sources.widget.tree.topLevelItem(0)


def test_a_large_checkpoint_is_a_tree_of_its_names(checkpoint):
    assert [checkpoint.child(i).text(0) for i in range(checkpoint.childCount())] == [
        "embed",
        "model.layers",
    ]
    layers = checkpoint.child(1)
    assert (layers.childCount(), layers.text(1)) == (20, "(40)")
    assert [layers.child(3).child(i).text(0) for i in range(2)] == ["q", "k"]


def test_arrays_of_a_group_are_chosen_and_found_like_others(sources, context, checkpoint, qtbot):
    tree = sources.widget.tree
    leaf = checkpoint.child(1).child(3).child(1)
    tree.scrollToItem(leaf)
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(leaf).center()
    )
    assert context.store["selection"].active.entry == "model.layers.3.k"
    qtbot.keyClicks(sources.widget.search, "layers.7.")  # filed while it is typed
    qtbot.waitUntil(lambda: context.finds.is_ready, timeout=5000)
    qtbot.waitUntil(lambda: len(rows(tree)) == 1, timeout=5000)
    assert rows(tree) == {"model.npz": ["model.layers.7.q", "model.layers.7.k"]}
    sources.widget.search.clear()
    assert tree.currentItem().text(0) == "k"


def test_choosing_an_array_does_not_build_the_tree_again(sources, context, checkpoint):
    sources.choose(context.store["selection"].active.path, "model.layers.5.q")
    assert sources.widget.tree.topLevelItem(0) is checkpoint
    assert sources.widget.tree.currentItem().text(0) == "q"


def test_names_of_many_steps_do_not_nest_without_end():
    deep = [EntryInfo("a" + ".x" * 5000 + str(i), (2, 2), "float64") for i in range(30)]
    node = grouped(deep)[0]
    assert node.count == 30
    assert {leaf.entry for leaf in node.children} == set(deep)


def test_a_few_long_names_are_grouped_before_they_are_cut_alike():
    long = [f"model.layers.{i}.self_attn.{part}_proj.weight" for i in range(4) for part in "qk"]
    entries = [EntryInfo(name, (2, 2), "float64") for name in long]
    (node,) = grouped(entries)
    assert node.label == "model.layers"
    assert [leaf.label for leaf in node.children[0].children] == ["q_proj.weight", "k_proj.weight"]
    # Few, or with short names, they stay as they are.
    assert [leaf.label for leaf in grouped(entries[:2])] == long[:2]
    short = [EntryInfo(f"layer.{i}.q", (2, 2), "float64") for i in range(12)]
    assert len(grouped(short)) == 12


def test_what_is_said_of_a_table_is_said_once(context, open_and_wait, tmp_path):
    path = tmp_path / "years.csv"
    path.write_text("country,1990,1995\nAustria,1.5,2.5\nBelgium,3.5,4.5\n", "utf-8")
    open_and_wait(path)
    note = str(context.store["files"].find(str(path)).entries[0].note)
    assert note.count("The first column is taken as row labels.") == 1


@pytest.mark.parametrize("way", ["open_paths", "reopen"])
def test_opening_that_a_person_cancels_is_said_and_can_be_done_after_all(
    sources, context, tmp_path, offers, qtbot, way
):
    path = tmp_path / "w.npy"
    np.save(path, np.eye(3))
    before = context.store["files"].items
    if way == "reopen":
        kept = OpenFile(str(path), "w.npy", (EntryInfo("w", (3, 3), "float64"),))
        context.store.replace("files", label="session", items=(*before, kept))
    getattr(sources, way)([str(path)])
    context.runner.cancel_all()
    ((words, label, again),) = offers
    assert words == "Opening w.npy was cancelled."
    assert label == "Open again"
    assert context.library.get(str(path)) is None
    again()
    qtbot.waitUntil(lambda: context.library.get(str(path)) is not None)
    assert len(offers) == 1


def test_what_is_dropped_at_the_end_is_not_said(sources, context, tmp_path, offers):
    np.save(tmp_path / "w.npy", np.eye(3))
    sources.open_paths([str(tmp_path / "w.npy")])
    context.runner.shutdown()
    assert offers == []
