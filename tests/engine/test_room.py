"""How much memory there is, and the question before much of it is taken."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from engine import room
from engine.apart.plain import packed, unpacked
from engine.checkpoint import sweep
from engine.files import apart, open_apart, open_matrix_file
from engine.files.formats import text
from engine.files.reading.entries import Entry
from engine.room import TooLarge, available_memory, in_words, permit, require_room
from engine.spectrum import estimate_bytes

GIB = 1 << 30
FOUND = apart.Described(None, (), (), {})


@pytest.fixture(autouse=True)
def _nothing_permitted(monkeypatch):
    monkeypatch.setattr(room, "_permitted", set())
    monkeypatch.setenv("RANKSCOPE_ANY_SIZE", "")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with 8 GiB free; ``machine(path, text)`` writes a file of its groups."""
    monkeypatch.setattr(room, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(room, "_GROUPS", tmp_path / "groups")

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{text}\n")

    write("proc/meminfo", f"MemTotal: 99 kB\nMemAvailable: {8 * GIB // 1024} kB")
    return write


def test_without_groups_it_is_what_the_machine_has_free(machine):
    assert available_memory() == 8 * GIB


@pytest.mark.parametrize("inside", ["", "user/mine/"])  # a container sees its group as the root
def test_the_limit_of_a_group_counts_less_what_is_used_and_cannot_be_dropped(machine, inside):
    machine("proc/self/cgroup", "0::/user/mine")
    machine(f"groups/{inside}memory.max", 3 * GIB)
    machine(f"groups/{inside}memory.current", 2 * GIB)
    machine(f"groups/{inside}memory.stat", f"anon 5\ninactive_file {GIB // 2}")
    assert available_memory() == 3 * GIB // 2


def test_the_narrowest_of_nested_groups_counts(machine):
    machine("proc/self/cgroup", "0::/user/mine")
    for folder, limit in (("user", 1), ("user/mine", 4)):
        machine(f"groups/{folder}/memory.max", limit * GIB)
        machine(f"groups/{folder}/memory.current", 0)
    assert available_memory() == GIB


def test_a_group_without_a_limit_is_none(machine):
    machine("proc/self/cgroup", "0::/")
    machine("groups/memory.max", "max")
    machine("groups/memory.current", 7 * GIB)
    assert available_memory() == 8 * GIB


def test_groups_of_the_first_version_count_too(machine):
    machine("proc/self/cgroup", "5:devices:/\n4:cpu,memory:/api/x\n0::/")
    machine("groups/memory/api/x/memory.limit_in_bytes", GIB)
    machine("groups/memory/api/x/memory.usage_in_bytes", GIB // 2)
    machine("groups/memory/memory.limit_in_bytes", 2**63 - 4096)
    machine("groups/memory/memory.usage_in_bytes", GIB)
    assert available_memory() == GIB // 2


def test_a_group_that_is_over_its_limit_has_nothing_left(machine):
    machine("proc/self/cgroup", "0::/")
    machine("groups/memory.max", GIB)
    machine("groups/memory.current", 2 * GIB)
    assert available_memory() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_the_limit_of_a_shell_counts():
    code = (
        "import resource; from engine.room import available_memory\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({GIB}, {GIB}))\n"
        "print(available_memory())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(found.stdout) < GIB


def test_more_than_half_of_what_is_free_is_asked_about_with_both_figures(monkeypatch):
    monkeypatch.setattr(room, "available_memory", lambda: 8_000_000_000)
    require_room("a.npy", 4_000_000_000, "the table")
    with pytest.raises(TooLarge) as caught:
        require_room("a.npy", 4_000_000_001, "the table", "Do less.")
    assert str(caught.value) == (
        "a.npy: the table takes 4 GB of memory, 8 GB are free, and more than half of that is not "
        "taken unasked. Do less."
    )
    assert (caught.value.needed, caught.value.available) == (4_000_000_001, 8_000_000_000)


def test_what_was_permitted_is_not_asked_about_again(monkeypatch):
    monkeypatch.setattr(room, "available_memory", lambda: 10)
    with pytest.raises(TooLarge) as caught:
        require_room("a.npy", 100, "the table")
    caught.value.permit()
    require_room("a.npy", 100, "the table")
    with pytest.raises(TooLarge):
        require_room("b.npy", 100, "the table")
    permit()
    require_room("b.npy", 100, "the table")


def test_where_nobody_knows_how_much_there_is_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(room, "available_memory", lambda: None)
    require_room("a.npy", 1 << 60, "the table")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (999.6, "1 kB"), (12_345_678, "12.3 MB"), (1e18, "1e+06 TB")],
)
def test_counts_of_bytes_in_words(size, words):
    assert in_words(size) == words


def test_the_question_crosses_to_other_processes_as_it_is():
    error = TooLarge("a.h5", "the table", 5, 4, "Do less.")
    for copy in (pickle.loads(pickle.dumps(error)), unpacked(*packed(error))):
        assert type(copy) is TooLarge
        assert (str(copy), copy.needed, copy.path) == (str(error), 5, "a.h5")


def test_a_permission_goes_along_to_the_process_that_reads(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(apart, "_answer", lambda request, _: asked.append(request) or FOUND)
    h5py = pytest.importorskip("h5py")
    path = str(tmp_path / "a.h5")
    with h5py.File(path, "w") as file:
        file["w"] = np.ones((3, 4))
    source = open_apart(path)
    permit(path)
    source._take(Entry("w", (3, 4), np.dtype("f8"), 96), (), None)
    open_apart(path)
    assert [request.permitted for request in asked] == [False, True, True]
    monkeypatch.setattr(room, "available_memory", lambda: 0)
    monkeypatch.setattr(room, "_permitted", set())
    assert [one.name for one in asked[2].run().entries] == ["w"]
    require_room(path, 5, "it")


def test_a_sweep_asks_before_it_begins(tmp_path, monkeypatch):
    np.savez(tmp_path / "model.npz", q=np.eye(300), k=np.eye(200))
    monkeypatch.setattr(room, "available_memory", lambda: 10_000_000)
    rows = []
    with pytest.raises(TooLarge, match="The sweep takes"):
        sweep(tmp_path, workers=1, on_row=rows.append)
    assert not rows
    permit()
    assert [row.problem for row in sweep(tmp_path, workers=1).rows] == ["", ""]


@pytest.mark.parametrize("method", ["svd", "gram", "stream", "verified"])
def test_estimates_grow_with_the_matrix_and_complex_ones_take_twice(method):
    small = estimate_bytes((1000, 500), "float64", method)
    assert estimate_bytes((4000, 2000), "float64", method) > 4 * small
    assert estimate_bytes((500, 1000), "float64", method) == small
    assert estimate_bytes((1000, 500), "complex128", method) > small


def test_few_values_take_less_than_all_and_all_vectors_more():
    shape = (20_000, 4000)
    few, every = (estimate_bytes(shape, "float64", rank=r) for r in (64, None))
    assert few < every < estimate_bytes(shape, "float64", vectors=True)


def test_a_mapped_matrix_is_streamed_and_takes_the_square_of_its_shorter_side():
    shape = (1 << 20, 1000)
    assert estimate_bytes(shape, "float64", is_memmap=True) < 0.1 * 8 * shape[0] * shape[1]


def test_a_table_is_asked_about_while_it_is_read_and_read_when_permitted(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n" * 20_000)
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 1000)
    monkeypatch.setattr(room, "available_memory", lambda: 1000)
    with pytest.raises(TooLarge, match="the table takes"):
        open_matrix_file(path)
    permit(str(path))
    assert open_matrix_file(path).entries[0].shape == (40_000, 2)
