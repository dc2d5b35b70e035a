"""A sweep: rows against their definitions, threads and processes alike, cancelling, killing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg

from engine.checkpoint import MatrixRequest, estimate, open_checkpoint, run, sweep
from engine.checkpoint.sweeping import ways
from engine.errors import ArgumentError
from engine.jobs import Cancelled
from engine.sentences import Sentence
from tests.engine.checkpoint.models import saved, tensors

ROOT = Path(__file__).resolve().parents[3]
RULES = (("energy", 0.9), ("mp_edge",), ("gavish_donoho",), ("sv_fro", 0.9))
# What differs from run to run.
PASSING = ("seconds",)


class Asked:
    """A progress that says what it was told, and stops when it is told to."""

    def __init__(self, at: float = 2.0) -> None:
        self.said: list[tuple[float, str]] = []
        self.cancelled = False
        self._at = at

    def report(self, fraction: float, text: str) -> None:
        self.said.append((fraction, text))
        self.cancelled = fraction >= self._at


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True)
        if field.name == "values"
        else repr(getattr(one, field.name)) == repr(getattr(other, field.name))
        for field in fields(one)
        if field.name not in PASSING
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("model") / "small", tensors(layers=3, width=40))


def test_a_worker_does_not_import_what_few_ask_for(folder):
    """scipy.optimize takes 0.14 s of every process: a third of its start."""
    code = (
        "import sys\n"
        "from engine.checkpoint.sweeping.ways import serve\n"
        "from engine.checkpoint import MatrixRequest, open_checkpoint, run\n"
        "row = run(MatrixRequest(open_checkpoint(sys.argv[1]).matrices[0]))\n"
        "assert row.alpha and not row.problem\n"
        "print([one for one in ('scipy.optimize', 'scipy.stats') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True,
        cwd=ROOT,
    )  # fmt: skip
    assert done.stdout == "[]\n"


@pytest.fixture
def in_processes(monkeypatch):
    monkeypatch.setattr(ways, "_SMALL", 0.0)


def test_a_row_is_what_its_definitions_say(folder):
    opened = open_checkpoint(folder)
    for matrix in opened.matrices:
        row = run(MatrixRequest(matrix, RULES))
        exact = scipy.linalg.svdvals(opened.read(matrix).astype("f8"))
        assert (row.name, row.shape, row.role) == (matrix.name, matrix.shape, matrix.role.role)
        assert np.abs(row.values - exact).max() <= row.error_bound + 1e-14 * exact[0]
        energy = np.sum(exact**2)
        share = exact / exact.sum()
        for found, truth in (
            (row.spectral_norm, exact[0]),
            (row.frobenius_norm, energy**0.5),
            (row.stable_rank, energy / exact[0] ** 2),
            (row.effective_rank, np.exp(-np.sum(share * np.log(share)))),
            (row.participation_ratio, energy**2 / np.sum(exact**4)),
            (row.condition_number, exact[0] / exact[-1]),
            (row.alpha_hat, row.alpha * np.log10(exact[0] ** 2)),
        ):
            assert found == pytest.approx(truth, rel=1e-9)
        assert row.ranks["energy"] == 1 + np.searchsorted(np.cumsum(exact**2) / energy, 0.9)
        assert list(row.ranks) == ["energy", "mp_edge", "gavish_donoho", "sv_fro"]
        edge = row.ranks["mp_edge"]
        assert row.snr == pytest.approx(exact[:edge].sum() / exact[edge:].sum() / exact[0])
        assert row.problem == ""
        assert len(row.key) == 64
        assert row.seconds > 0.0


def test_alpha_is_that_of_the_exhaustive_fit(folder):
    """Clauset's search, written out: every start, every distance."""
    row = run(MatrixRequest(open_checkpoint(folder).matrices[0]))
    x = np.sort(row.values**2)
    found = []
    for start in range(len(x) - 1):
        tail = x[start:]
        alpha = 1.0 + tail.size / np.sum(np.log(tail / tail[0]))
        cdf = 1.0 - (tail / tail[0]) ** (1.0 - alpha)
        found.append((np.abs(cdf - np.arange(tail.size) / tail.size).max(), alpha, tail.size))
    distance, alpha, size = min(found)
    assert (row.ks_distance, row.alpha) == pytest.approx((distance, alpha), rel=1e-10)
    assert row.tail_size == size


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_matrix_that_cannot_be_computed_is_a_problem_and_the_others_go_on(bad, tmp_path):
    found = tensors(layers=1)
    found["model.layers.0.self_attn.q_proj.weight"][1, 2] = bad
    rows = sweep(saved(tmp_path / "a", found), cache=tmp_path / "c").rows
    assert [bool(row.problem) for row in rows] == [False, True]
    assert isinstance(rows[1].problem, Sentence)
    assert np.isnan(rows[1].stable_rank)
    assert rows[1].values.size == 0


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1), (5, 5)])
def test_ugly_shapes_and_zeros(shape, tmp_path):
    rows = sweep(
        saved(tmp_path / "a", {"w": np.zeros(shape, "f4"), "v": np.ones(shape, "f8")}), rules=RULES
    ).rows
    assert [row.problem for row in rows] == ["", ""]
    assert rows[1].spectral_norm == 0.0
    assert rows[0].stable_rank == pytest.approx(1.0)


def test_threads_processes_and_one_by_one_agree_bit_for_bit(folder, in_processes, monkeypatch):
    opened = open_checkpoint(folder)
    pool = sweep(opened, rules=RULES, workers=2)
    monkeypatch.setattr(ways, "_SMALL", 1e9)
    threads = sweep(opened, rules=RULES, workers=3)
    alone = [run(MatrixRequest(matrix, RULES)) for matrix in opened.matrices]
    assert [row.name for row in pool.rows] == [matrix.name for matrix in opened.matrices]
    for three in zip(pool.rows, threads.rows, alone, strict=True):
        assert same(three[0], three[1])
        assert same(three[0], three[2])
    assert (pool.workers, threads.workers, pool.reused) == (2, 3, 0)
    assert len(pool.skipped) == 3


def test_a_process_that_is_killed_loses_nothing(folder, in_processes, monkeypatch):
    """The first answer kills the process that gave it; its other requests are answered too."""
    killed = []
    answer = ways._Worker.answer

    def deadly(worker):
        found = answer(worker)
        if not killed:
            killed.append(worker)
            worker.kill()
        return found

    monkeypatch.setattr(ways._Worker, "answer", deadly)
    found = sweep(folder, workers=1)
    assert killed
    assert [row.problem for row in found.rows] == [""] * 6
    assert not killed[0]._process.is_alive()


@pytest.mark.long  # starts a process four times
def test_a_matrix_that_ends_its_process_twice_is_a_problem(folder, in_processes, monkeypatch):
    ask = ways._Worker.ask

    def deadly(worker, chunk):
        if any("layers.1.self" in request.matrix.name for _, request in chunk):
            worker.kill()
            worker._process.join()
        ask(worker, chunk)

    monkeypatch.setattr(ways._Worker, "ask", deadly)
    rows = sweep(folder, workers=1).rows
    bad = {row.name for row in rows if row.problem}
    assert "model.layers.1.self_attn.q_proj.weight" in bad
    assert all("twice" in row.problem for row in rows if row.problem)


def test_callbacks_come_in_the_callers_thread_and_tell_the_share_of_the_work(folder):
    here, rows, asked = threading.get_ident(), [], Asked()

    def on_row(row):
        assert threading.get_ident() == here
        rows.append(row.name)

    found = sweep(folder, workers=2, on_row=on_row, progress=asked)
    assert sorted(rows) == sorted(row.name for row in found.rows)
    shares = [share for share, _ in asked.said]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert asked.said[-1][1] == "6 of 6 matrices"


def test_expressions_choose_names(folder):
    found = sweep(folder, include="q_proj|up", exclude=r"layers\.1\.")
    assert len(found.rows) == 4
    assert sweep(folder, include="nothing at all").rows == ()


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("include", {"include": "("}),
        ("exclude", {"exclude": "["}),
        ("rules", {"rules": (("enargy", 0.9),)}),
        ("target", {"rules": (("energy", 3.0),)}),
        ("workers", {"workers": 0}),
        ("workers", {"workers": True}),
    ],
)
def test_what_is_not_allowed_is_named(argument, given, folder):
    with pytest.raises(ArgumentError) as caught:
        sweep(folder, **given)
    assert caught.value.argument == argument


def test_the_estimate_grows_with_the_matrix():
    small, large = (MatrixRequest(open_one(shape)) for shape in ((100, 100), (1000, 1000)))
    assert 0.0 < estimate(small) < estimate(large) < 10.0
    assert estimate([small, large]) == pytest.approx(estimate(small) + estimate(large))


def open_one(shape):
    from engine.checkpoint import Matrix, role_of

    return Matrix("w", "w", "w", None, shape, "bfloat16", role_of("w"))


def test_chunks_hold_every_request_once_the_dearest_first():
    requests = [MatrixRequest(open_one((n, n))) for n in (50, 900, 50, 400, 50, 50)]
    parts = list(ways.chunks(list(map(estimate, requests)), 2))
    assert sorted(number for part in parts for number in part) == list(range(6))
    assert parts[0][0] == 1
    assert len(parts[0]) == 1


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """About ten seconds of work: four matrices of 1200."""
    rng = np.random.default_rng(1)
    found = {f"w.{i}": rng.standard_normal((1200, 1200)) for i in range(4)}
    return saved(tmp_path_factory.mktemp("model") / "large", found)


def test_cancelling_kills_the_processes_at_once(large, in_processes, children):
    class Soon(Asked):
        """Stops at the tenth check, when the processes are at their first matrix or importing."""

        stopped = 0.0

        def report(self, fraction, text):
            super().report(fraction, text)
            if len(self.said) > 10 and not self.cancelled:
                self.cancelled, self.stopped = True, time.perf_counter()

    asked = Soon()
    with pytest.raises(Cancelled):
        sweep(large, workers=2, progress=asked)
    assert time.perf_counter() - asked.stopped < 1.0  # 0.2 s where nothing else runs
    assert children() == []


SWEEPING = """
import sys
from engine.checkpoint.sweeping import sweep as sweeping, ways
ways._SMALL = 0.0
print("begun", flush=True)
sweeping.sweep(sys.argv[1], workers=2, cache=sys.argv[2],
               on_row=lambda row: print(row.name, flush=True))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_kill_9_loses_no_row_that_was_announced_and_leaves_no_process(tmp_path):
    rng = np.random.default_rng(2)
    found = {f"w.{i}": rng.standard_normal((n, n)) for i, n in enumerate((300, 310, 320, 900, 910))}
    model, cache = saved(tmp_path / "a", found), tmp_path / "rows.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", SWEEPING, str(model), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    announced = {process.stdout.readline().strip()}
    workers = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    announced |= set(process.communicate()[0].split())
    assert workers
    again = sweep(model, workers=2, cache=cache)
    assert announced <= {row.name for row in again.rows}
    assert again.reused >= len(announced)
    assert [row.problem for row in again.rows] == [""] * 5
    deadline = time.monotonic() + 10.0
    while any(map(is_alive, workers)):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        threading.Event().wait(0.05)


def descendants(pid: int) -> set[int]:
    return {
        int(child)
        for one in Path(f"/proc/{pid}/task").iterdir()
        for child in (one / "children").read_text().split()
    }


def is_alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
