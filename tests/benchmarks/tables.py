"""Three tables of ratios, as README shows them: ``python -m tests.benchmarks.tables`` (minutes).

Each row is measured in turn with its references, so that all see the same machine; medians of
processor time, all threads together, which other work on the machine changes least. One BLAS
thread, as in the window.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import datetime
import platform
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import scipy
from scipy.sparse.linalg import svds
from scipy.special import softmax

from engine.spectrum import singular_values
from engine.topk import OPERATORS, Operator, get_operator, warm
from tests.benchmarks.test_topk_speed import peer_rows

TAUS = (1e-6, 1e-3, 0.1, 1.0, 10.0, 100.0)
LONG, ROWS = 1_000_000, (4096, 64)
PEER_LENGTHS = (64, 10_000, LONG)
Calls = dict[str, Callable[[], object]]


def medians(calls: Calls, repeats: int, seconds: float = 4.0) -> dict[str, float]:
    """Return the median seconds of a processor of each call, taken in turn for about so long."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    end = time.perf_counter() + seconds
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
        if time.perf_counter() > end:
            break
    return {name: statistics.median(found) for name, found in times.items()}


def operator_row(op: Operator) -> Iterator[str]:
    """Yield the cells of one operator."""
    generator = np.random.default_rng(0)
    x, g = generator.standard_normal((2, 64))
    found = medians({"op": lambda: op(x, 8), "softmax": lambda: softmax(x)}, 2000, 1.0)
    yield f"{found['op'] / found['softmax']:.1f}"
    batch = generator.standard_normal(ROWS)
    found = medians({"op": lambda: op(batch, 8), "softmax": lambda: softmax(batch, axis=1)}, 9)
    yield f"{found['op'] / found['softmax']:.1f}"
    if not op.kernels:
        yield from ["–"] * len(TAUS)
    else:
        long = generator.standard_normal(LONG)
        calls: Calls = {str(tau): lambda tau=tau: op(long, LONG // 3, tau) for tau in TAUS}
        calls["partition"] = lambda: np.partition(long, LONG - LONG // 3)
        found = medians(calls, 7, 10.0)
        yield from (f"{found[str(tau)] / found['partition']:.2f}" for tau in TAUS)
    if op.stochastic or op.estimates_slope:
        yield "–"
        return
    calls = {"value": lambda: op(x, 8), "both": lambda: op.linearize(x, 8, 1.0).vjp(g)}
    found = medians(calls, 2000, 1.0)
    yield f"{found['both'] / found['value']:.2f}"


def matrices() -> Iterator[tuple[str, np.ndarray]]:
    """Yield matrices by name."""
    generator = np.random.default_rng(1)
    yield "Gauss 800 x 800", generator.standard_normal((800, 800))
    yield "Gauss 20,000 x 150", generator.standard_normal((20_000, 150))
    for power in (0.5, 2.0):
        left, right = (np.linalg.qr(generator.standard_normal((1000, 1000)))[0] for _ in "ab")
        values = np.arange(1.0, 1001.0) ** -power
        yield f"σᵢ = i^-{power:g}, 1000 x 1000", (left * values) @ right


def spectrum_row(a: np.ndarray) -> Iterator[str]:
    """Yield the cells of one matrix, in units of all its values by NumPy."""
    calls: Calls = {
        "numpy": lambda: np.linalg.svd(a, compute_uv=False),
        "scipy": lambda: scipy.linalg.svdvals(a),
        "all": lambda: singular_values(a),
        "ten": lambda: singular_values(a, rank=10, tolerance=1e-6),
        "arpack": lambda: svds(a, k=10, return_singular_vectors=False, random_state=0),
        "propack": lambda: svds(a, k=10, solver="propack", return_singular_vectors=False,
                                random_state=0),
    }  # fmt: skip
    try:
        from sklearn.utils.extmath import randomized_svd
    except ImportError:
        pass
    else:
        calls["sklearn"] = lambda: randomized_svd(a, 10, random_state=0)
    if min(a.shape) <= 1000:
        calls["verified"] = lambda: singular_values(a, method="verified")
    for name in ("arpack", "propack"):
        try:
            calls[name]()
        except np.linalg.LinAlgError:  # it did not converge
            del calls[name]
    found = medians(calls, 5, 20.0)
    for name in ("all", "verified", "ten", "scipy", "sklearn", "arpack", "propack"):
        yield f"{found[name] / found['numpy']:.2f}" if name in found else "–"


def peer_table() -> Iterator[list[str]]:
    """Yield a row for each peer that is installed: its time in ours, at three lengths."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for n in PEER_LENGTHS:
        for peer, key, theirs, ours in peer_rows(n):
            found.setdefault((peer, key), {})[n] = f"{theirs / ours:.1f}"
    for (peer, key), cells in found.items():
        yield [peer, get_operator(key).title, *(cells.get(n, "–") for n in PEER_LENGTHS)]


def table(heads: list[str], rows: Iterator[list[str]]) -> None:
    """Print a table in Markdown, row by row."""
    print(f"| {' | '.join(heads)} |")
    print(f"| --- {'| ---: ' * (len(heads) - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
    print()


def main() -> None:
    """Print the tables with date and machine."""
    warm(wait=True)
    today = datetime.date.today().isoformat()
    versions = f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    print(f"{today}, {platform.machine()}, Python {platform.python_version()}, {versions};")
    print("ratios of processor time, medians of one run, one BLAS thread.\n")
    heads = ["operator", "n = 64, in softmax", "4096 x 64, in softmax"]
    heads += [f"10⁶, tau = {tau:g}, in np.partition" for tau in TAUS]
    table([*heads, "value + vjp, in value"], ([op.title, *operator_row(op)] for op in OPERATORS))
    heads = ["matrix, in np.linalg.svd", "all values", "verified", "10 values within 1e-6"]
    heads += ["scipy svdvals", "sklearn randomized", "ARPACK", "PROPACK"]
    table(heads, ([name, *spectrum_row(a)] for name, a in matrices()))
    heads = [
        "peer, where installed",
        "compared with",
        *(f"its time in ours, n = {n:,}" for n in PEER_LENGTHS),
    ]
    table(heads, peer_table())


if __name__ == "__main__":
    main()
