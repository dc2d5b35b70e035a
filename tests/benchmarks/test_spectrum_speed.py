"""Speed, accuracy and memory of spectra beside their peers; ratios within one run.

Run by hand, on an idle machine::

    python tests/benchmarks/test_spectrum_speed.py --sizes 2048 4096
    python tests/benchmarks/test_spectrum_speed.py --stream

or ``pytest tests/benchmarks/test_spectrum_speed.py -s`` for the small version.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.spectrum import leading_singular_values, singular_values

RANK = 64


def timed(function, repeats=1):
    """Result and median seconds."""
    times, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, statistics.median(times)


def medians(functions, repeats):
    """Median seconds of a processor of several functions that take turns."""
    times = [[] for _ in functions]
    for _ in range(repeats):
        for position, function in enumerate(functions):
            start = time.process_time()
            function()
            times[position].append(time.process_time() - start)
    return [statistics.median(t) for t in times]


def interleaved(functions, repeats):
    """Results and median seconds of several functions, taking turns so that load hits all."""
    times = [[] for _ in functions]
    results = [function() for function in functions]
    for _ in range(repeats):
        for position, function in enumerate(functions):
            results[position], spent = timed(function)
            times[position].append(spent)
    return results, [statistics.median(t) for t in times]


def full_table(sizes, repeats=1):
    """Rows: n, seconds of float32 svd, of ours, ratio, errors over sigma_1, bound."""
    rows = []
    for n in sizes:
        a = np.random.default_rng(0).standard_normal((n, n), dtype=np.float32)
        truth = np.linalg.svd(a.astype(np.float64), compute_uv=False)
        functions = (lambda a=a: np.linalg.svd(a, compute_uv=False), lambda a=a: singular_values(a))
        (single, ours), (slow, fast) = interleaved(functions, repeats)
        errors = [np.abs(x - truth).max() / truth[0] for x in (single, ours.values)]
        rows.append((n, slow, fast, fast / slow, *errors, ours.error_bound / truth[0]))
    return rows


def spectra(n):
    """Four float32 matrices: fast decay, power law, flat with spikes, noise."""
    rng = np.random.default_rng(1)
    u, v = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    i = np.arange(1, n + 1.0)
    values = {"fast": 0.9**i, "power": 1 / i, "spikes": np.where(i <= 20, 10 - 0.3 * i, 1.0)}
    for name, sigma in values.items():
        yield name, ((u * sigma) @ v).astype(np.float32)
    yield "noise", rng.standard_normal((n, n), dtype=np.float32)


def leading_table(n, repeats=3):
    """Rows: spectrum, seconds of sklearn, of ours, ratio, errors over sigma_1, widest band."""
    from sklearn.utils.extmath import randomized_svd

    rows = []
    for name, a in spectra(n):
        truth = singular_values(a, "gram").values[:RANK]
        functions = (
            lambda a=a: randomized_svd(a, RANK, random_state=0)[1],
            lambda a=a: leading_singular_values(a, RANK),
        )
        (peer, ours), (theirs, mine) = interleaved(functions, repeats)
        errors = [np.abs(x - truth).max() / truth[0] for x in (peer, ours.values)]
        band = float(np.max((ours.upper - ours.values) / ours.values))
        rows.append((name, theirs, mine, mine / theirs, *errors, band))
    return rows


def resident_bytes():
    """Resident memory of this process now (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


def stream_memory(rows, columns):
    """Rise of resident memory while a sparse .npy of the shape is streamed, seconds, Spectrum."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sparse.npy"
        mapped = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, columns))
        # A few entries on a diagonal: known singular values in a file of holes.
        places = np.arange(0, columns, max(1, columns // 16))
        mapped[places * (rows // columns), places] = places + 1.0
        del mapped
        before, peak, done = resident_bytes(), [0], threading.Event()

        def watch():
            while not done.wait(0.02):
                peak[0] = max(peak[0], resident_bytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        spectrum, seconds = timed(
            lambda: singular_values(np.load(path, mmap_mode="r"), method="stream")
        )
        done.set()
        watcher.join()
    np.testing.assert_allclose(spectrum.values[: places.size], places[::-1] + 1.0, rtol=1e-12)
    return peak[0] - before, seconds, spectrum


def show(title, heads, rows):
    """Print a table."""
    print(f"\n{title}\n" + "".join(f"{head:>12}" for head in heads))
    for row in rows:
        print("".join(f"{x:>12.3g}" if isinstance(x, float) else f"{x:>12}" for x in row))


FULL_HEADS = ("n", "svd32 s", "ours s", "ratio", "svd32 err", "ours err", "bound")
LEADING_HEADS = ("spectrum", "sklearn s", "ours s", "ratio", "sk err", "ours err", "band")


@pytest.mark.parametrize("n", [1024])
def test_full_spectrum_is_faster_and_more_accurate_than_float32_svd(n):
    rows = full_table([n], repeats=3)
    show("full spectrum, float32", FULL_HEADS, rows)
    assert rows[0][3] < 0.6
    assert rows[0][5] < rows[0][4]


def test_leading_part_is_no_worse_than_sklearn():
    rows = leading_table(1024)
    show("leading 64, n = 1024", LEADING_HEADS, rows)
    assert all(row[5] <= row[4] for row in rows)


@pytest.mark.parametrize("n", [16, 32, 64, 128, 512])
def test_verified_intervals_cost_at_most_three_decompositions(n):
    a = np.random.default_rng(2).standard_normal((n, n))
    functions = (lambda: np.linalg.svd(a), lambda: singular_values(a, method="verified"))
    one, verified = medians(functions, 301 if n < 100 else 9)
    assert verified <= 3.0 * one


def shaped(m, n, power):
    """A matrix with singular values i^-power; a Gaussian one where that is None."""
    rng = np.random.default_rng(3)
    if power is None:
        return rng.standard_normal((m, n))
    left, right = (np.linalg.qr(rng.standard_normal((size, min(m, n))))[0] for size in (m, n))
    return (left * np.arange(1.0, min(m, n) + 1.0) ** -power) @ right.T


@pytest.mark.parametrize("power", [None, 0.0, 0.5, 2.0])
@pytest.mark.parametrize(
    "shape", [(16, 16), (30, 20), (60, 60), (140, 140), (300, 100), (400, 400)]
)
def test_leading_values_never_cost_a_tenth_more_than_all(shape, power):
    a = shaped(*shape, power)
    for rank in (1, min(shape) // 6, min(shape) - 10):
        functions = (
            lambda: singular_values(a),
            lambda rank=rank: leading_singular_values(a, rank, tolerance=1e-6),
        )
        whole, leading = medians(functions, 301 if a.size < 5000 else 21)
        assert leading <= 1.1 * whole, rank


def test_stream_memory_stays_within_the_limit():
    columns = 512
    rise, _, _ = stream_memory(1 << 19, columns)
    assert rise <= 3 * columns**2 * 8 + 512e6


def main():
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[2048])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stream", action="store_true", help="262144 x 4096, sparse 4 GB file")
    options = parser.parse_args()
    if options.stream:
        rise, seconds, spectrum = stream_memory(1 << 18, 4096)
        limit = 3 * 4096**2 * 8 + 512e6
        print(f"resident +{rise / 1e6:.0f} MB of {limit / 1e6:.0f} allowed, {seconds:.1f} s")
        print(f"bound / sigma_1 {spectrum.error_bound / spectrum.values[0]:.1e}")
        return
    for n in options.sizes:
        show(f"leading 64, n = {n}", LEADING_HEADS, leading_table(n, options.repeats))
    show("full spectrum, float32", FULL_HEADS, full_table(options.sizes, options.repeats))


if __name__ == "__main__":
    main()
