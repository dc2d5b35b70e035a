"""A sweep on a running scheduler: the same rows, however the numbers get there."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine import room
from engine.checkpoint import compare, sweep
from engine.checkpoint.listing import checkpoint_of
from engine.checkpoint.sweeping import carried, cluster, places, schedulers
from engine.checkpoint.sweeping.schedulers import ClusterError
from engine.files import memory_source
from tests.engine.checkpoint.models import saved, tensors
from tests.engine.checkpoint.test_sweep import RULES, same

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address():
    """A scheduler with two workers in threads of this process."""
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0",
            protocol="tcp",
        ) as local,
    ):  # fmt: skip
        yield local.scheduler_address


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tensors(layers=3, width=40) | {"norm.bad": np.full((3, 3), np.nan, "f4")}
    return saved(tmp_path_factory.mktemp("model") / "a", found)


@pytest.fixture(scope="module")
def truth(folder):
    return sweep(folder, rules=RULES, workers=1).rows


def test_rows_are_those_of_this_machine(address, folder, truth, tmp_path):
    rows = []
    found = sweep(folder, rules=RULES, address=address, cache=tmp_path / "rows", on_row=rows.append)
    assert all(map(same, found.rows, truth))
    assert len(rows) == 7
    assert (found.workers, found.reused, found.notes) == (2, 0, ())
    again = sweep(folder, rules=RULES, address=address, cache=tmp_path / "rows")
    assert again.reused == 6  # the one with a problem is tried again


def test_a_worker_without_the_file_gets_the_numbers(address, folder, truth, monkeypatch):
    monkeypatch.setattr(places, "has_files", lambda files: False)
    found = sweep(folder, rules=RULES, address=address)
    assert all(map(same, found.rows, truth))


def test_types_of_their_own_travel_too():
    import ml_dtypes

    from engine.spectrum import Factored

    for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, np.float32):
        array = np.arange(12, dtype="f4").reshape(3, 4).astype(dtype)
        back = carried.unpack(carried.pack(array))
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back.astype("f4"), array.astype("f4"))
    product = Factored(np.ones((3, 1)), np.ones((1, 2)))
    assert carried.unpack(carried.pack(product)) is product


@pytest.mark.parametrize("shape", [(500, 20), (20, 500), (30, 30)])
def test_a_large_matrix_is_shared_by_its_rows(shape, address, tmp_path):
    rng = np.random.default_rng(4)
    model = saved(tmp_path / "a", {"w": rng.standard_normal(shape).astype("f4")})
    (whole,) = sweep(model, rules=RULES).rows
    (parted,) = sweep(model, rules=RULES, address=address, split_above=1000).rows
    assert parted.method == "gram"
    assert parted.key == whole.key
    assert parted.ranks == whole.ranks
    exact = np.linalg.svd(_numbers(model), compute_uv=False)
    assert np.abs(parted.values - exact).max() <= parted.error_bound + 1e-14 * exact[0]
    assert parted.stable_rank == pytest.approx(whole.stable_rank, rel=1e-9)


def _numbers(model):
    from safetensors.numpy import load_file

    return load_file(model / "model.safetensors")["w"].astype("f8")


def test_a_large_matrix_with_nan_and_one_without_its_file(address, tmp_path, monkeypatch):
    array = np.ones((100, 5), "f4")
    array[77, 2] = np.nan
    model = saved(tmp_path / "a", {"bad": array, "good": np.eye(100, 5, dtype="f4")})
    bad, good = sweep(model, address=address, split_above=100).rows
    assert "part" in bad.problem
    assert good.problem == ""
    monkeypatch.setattr(places, "has_files", lambda files: False)
    bad, good = sweep(model, address=address, split_above=100).rows
    assert bad.problem
    assert good.stable_rank == pytest.approx(5.0)


def test_memory_of_the_workers_is_asked_for_as_here(address, tmp_path, monkeypatch):
    """Two workers on a machine with 100 kB free: two matrices at once are too much for it."""
    monkeypatch.setenv("RANKSCOPE_ANY_SIZE", "")
    monkeypatch.setattr(room, "_permitted", set())
    rng = np.random.default_rng(5)
    numbers = {f"h.{n}.q_proj.weight": rng.standard_normal((40, 40)).astype("f4") for n in "012"}
    base = saved(tmp_path / "a", numbers)
    tuned = saved(tmp_path / "b", {name: one + 1 for name, one in numbers.items()})
    monkeypatch.setattr(cluster, "available_memory", _little)
    asked = {
        "The sweep": lambda where: sweep(base, address=where, workers=2),
        "The comparison": lambda where: compare(base, tuned, address=where, workers=2),
    }
    for what, ask in asked.items():
        with pytest.raises(room.TooLarge, match=what) as caught:
            ask(address)
        with monkeypatch.context() as here:
            here.setattr(room, "available_memory", _little)
            with pytest.raises(room.TooLarge) as known:
                ask(None)
        assert str(caught.value) == str(known.value)
        caught.value.permit()
        ask(address)
        room._permitted.clear()
    # What is shared by blocks takes a worker no more than a block.
    monkeypatch.setattr(cluster, "available_memory", lambda: 250_000)
    tall = saved(tmp_path / "c", {"w": rng.standard_normal((4000, 5)).astype("f4")})
    with pytest.raises(room.TooLarge):
        sweep(tall, address=address)
    assert sweep(tall, address=address, split_above=10_000).rows[0].method == "gram"


def _little():
    return 100_000


def test_other_versions_are_named_or_refused(address, folder, monkeypatch):
    own = schedulers.versions
    monkeypatch.setattr(schedulers, "versions", lambda: own() | {"NumPy": "0.1"})

    class Client:
        def run(self, work):
            return {"tcp://there": own()}

    assert "NumPy" in schedulers.compared(Client())[0]
    monkeypatch.setattr(schedulers, "versions", lambda: own() | {"rankscope rows": "other"})
    with pytest.raises(ClusterError, match="rankscope rows"):
        schedulers.compared(Client())


@pytest.mark.parametrize("address", [
    *("", "nonsense", "nonsense://x:1", "tcp://", "tcp://:8786", "tcp://host", "http://x:1"),
    *("tcp://127.0.0.1:0", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:port"),
])  # fmt: skip
def test_what_names_no_scheduler_is_refused_before_anything_waits(address, folder, monkeypatch):
    monkeypatch.setattr(distributed, "Client", None)
    with pytest.raises(ClusterError, match="No scheduler answers"):
        sweep(folder, address=address)


def test_what_a_lost_worker_had_computed_is_waited_for(monkeypatch):
    """The scheduler has it done again: until then its future is neither done nor cancelled."""

    class Client:
        status = "running"
        scheduler = SimpleNamespace(address="tcp://there")

        def nthreads(self):
            return {"one": 1}

    class Future:
        key, status, asked = "row", "lost", 0

        def result(self, timeout):
            self.asked += 1
            if self.asked < 3:
                raise TimeoutError
            self.status = "finished"
            return [(0, "found")]

    job = cluster._Job((), Client(), frozenset(), 1)
    job._fetch(Future())
    future, results = job._done.get(timeout=1.0)
    assert job._taken(future, results, [(0, None)]) == [(0, "found")]
    gone = Future()
    job._client.status = "closed"
    job._fetch(gone)
    with pytest.raises(ClusterError, match="has gone"):
        job._taken(*job._done.get(timeout=1.0), [(0, None)])


def alike(one, other):
    """Whether two changes are the same to the last bit."""
    arrays = ("delta_values", "angles_left", "angles_right")
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        if name in arrays
        else getattr(one, name) == getattr(other, name)
        for name in (*arrays, "name", "relative_change", "delta_stable_rank", "intruders", "note")
    )


def test_a_comparison_there_is_that_of_this_machine(address, tmp_path, monkeypatch):
    before = tensors(layers=2, width=20)
    after = {name: one + np.eye(*one.shape, dtype=one.dtype) for name, one in before.items()
             if one.ndim == 2} | {"h.0.attn.c_attn.weight": np.ones((20, 60), "f4")}  # fmt: skip
    before["h.0.attn.c_attn.weight"] = np.eye(20, 60, dtype="f4")
    models = saved(tmp_path / "base", before), saved(tmp_path / "tuned", after)
    truth, alone = compare(*models, workers=1)
    assert sum(one.relative_change > 0.0 for one in truth) > 2
    found, others = compare(*models, address=address)
    assert all(map(alike, found, truth))
    assert others == alone
    # Numbers in memory, and those that a worker lacks, go there.
    held = tuple(checkpoint_of(memory_source(one)) for one in (before, after))
    assert all(map(alike, compare(*held, address=address)[0], compare(*held, workers=1)[0]))
    monkeypatch.setattr(places, "has_files", lambda files: False)
    assert all(map(alike, compare(*models, address=address)[0], truth))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1"])
def test_no_scheduler_is_a_sentence(address, folder, monkeypatch):
    monkeypatch.setattr(schedulers, "_PATIENCE", 0.5)
    with pytest.raises(ClusterError, match="No scheduler answers"):
        sweep(folder, address=address)


AGAIN = """
import gc
from distributed.utils import _CollectErrorThread as Started
from engine.checkpoint.sweeping import schedulers
schedulers._PATIENCE = 0.5
gc.set_threshold(1_000_000_000)
begin = Started.__init__
def collecting(self, *words, **named):  # in the midst of the start, behind its lock
    if gc.isenabled():
        gc.collect()
    begin(self, *words, **named)
Started.__init__ = collecting
for address in ("nonsense://x", "tcp://", "tcp://127.0.0.1:1", "nonsense://x"):
    try:
        schedulers.connect(address)
    except schedulers.ClusterError:
        pass
"""


def test_what_never_reached_a_scheduler_stands_in_nobodys_way():
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", AGAIN], cwd=root, check=True, timeout=60)


def test_a_scheduler_that_goes_is_a_sentence_and_rows_are_kept(folder, tmp_path):
    gc.collect()  # clients of the tests before: see `cluster`
    local = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", protocol="tcp"
    )
    kept = []

    def on_row(row):
        kept.append(row.name)
        if len(kept) == 1:
            local.close()

    with pytest.raises(ClusterError, match="has gone"):
        sweep(folder, address=local.scheduler_address, cache=tmp_path / "rows", on_row=on_row)
    assert sweep(folder, cache=tmp_path / "rows").reused >= len(kept)


@pytest.mark.long
def test_workers_on_this_machine_for_trying_end_with_their_program(folder, truth):
    """Real processes; a program that is killed takes them along."""
    code = (
        "import sys, time\n"
        "from engine.checkpoint.sweeping.local import LocalScheduler\n"
        "print(LocalScheduler(2).address, flush=True)\n"
        "sys.stdin.read()"
    )
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=root,
    ) as program:  # fmt: skip
        address = program.stdout.readline().strip()
        found = sweep(folder, rules=RULES, address=address)
        program.kill()
    assert found.workers == 2
    assert all(map(same, found.rows, truth))
    host, port = address.removeprefix("tcp://").split(":")
    deadline = time.monotonic() + 20.0
    while True:
        try:
            socket.create_connection((host, int(port)), 1.0).close()
        except OSError:
            break
        assert time.monotonic() < deadline, "the scheduler outlived its program"
        threading.Event().wait(0.1)
