"""Opening a table of 100 MB against pandas' read_csv, which is a measure and no dependency."""

import time
import tracemalloc

import numpy as np
import pytest

from engine.files import open_matrix_file

pandas = pytest.importorskip("pandas")
SIZE = 100e6


@pytest.fixture(scope="module", params=["17 digits", "2 decimals"])
def large(request, tmp_path_factory):
    rng = np.random.default_rng(0)
    values = rng.standard_normal((1000, 100))
    if request.param == "2 decimals":
        values = np.round(1000 * values, 2)
    block = "".join(",".join(map(repr, row)) + "\n" for row in values.tolist())
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("w") as stream:
        for _ in range(int(SIZE / len(block))):
            stream.write(block)
    return path


def least(work, times=3):
    """Least of several times: the machine may be busy with something else."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def test_opening_takes_at_most_one_and_a_half_times_pandas(large):
    ours = least(lambda: open_matrix_file(large))
    theirs = least(lambda: pandas.read_csv(large, header=None))
    print(f"\n{ours:.2f} s for {theirs:.2f} s: {ours / theirs:.2f}")
    assert ours <= 1.5 * theirs


def test_opening_takes_at_most_three_times_the_matrix(large):
    open_matrix_file(large)  # what is loaded once is not the table's
    tracemalloc.start()
    try:
        source = open_matrix_file(large)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    matrix = source.entries[0].bytes
    print(f"\n{peak / 1e6:.0f} MB for a matrix of {matrix / 1e6:.0f} MB: {peak / matrix:.2f}")
    assert peak <= 3 * matrix
