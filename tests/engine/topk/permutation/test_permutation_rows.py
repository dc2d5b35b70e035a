"""Soft permutation matrices: against their definitions at 30 digits, and what they keep."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.topk import (
    check_permutation,
    get_operator,
    permutation_jvp,
    permutation_rows,
    permutation_vjp,
)

NETWORKS = ("odd_even", "bitonic")
METHODS = ("neuralsort", "softsort", *NETWORKS)
EVERY = [(m, s) for m in METHODS for s in ("cauchy", "logistic") if m in NETWORKS or s == "cauchy"]
BY_SWAP = pytest.mark.parametrize(("method", "swap"), EVERY)


def odd_even_pairs(n):
    return [(i, i + 1) for layer in range(n) for i in range(layer % 2, n - 1, 2)]


def bitonic_pairs(start, size, falling=True):
    """Batcher's recursion: sort halves in opposite directions, then merge."""

    def merge(start, size, falling):
        if size == 1:
            return []
        half = size // 2
        pairs = [(i, i + half) if falling else (i + half, i) for i in range(start, start + half)]
        return pairs + merge(start, half, falling) + merge(start + half, half, falling)

    if size == 1:
        return []
    half = size // 2
    halves = bitonic_pairs(start, half, True) + bitonic_pairs(start + half, half, False)
    return halves + merge(start, size, falling)


def truth(x, tau, method, swap):
    """One comparator after the other on numbers of 30 digits; None is padding, infinitely low."""
    n = len(x)
    size = n if method == "odd_even" else 1 << (n - 1).bit_length()
    pairs = odd_even_pairs(n) if method == "odd_even" else bitonic_pairs(0, size)
    with mp.workdps(30):
        values = [mp.mpf(float(v)) for v in x] + [None] * (size - n)
        rows = [[mp.mpf(int(i == j)) for j in range(n)] for i in range(size)]
        for i, j in pairs:
            a, b = values[i], values[j]
            if a is None or b is None:
                q = mp.mpf(int(b is None))
                values[i], values[j] = (a, b) if q else (b, a)
            else:
                t = (a - b) / mp.mpf(tau)
                q = mp.atan2(1, -t) / mp.pi if swap == "cauchy" else 1 / (1 + mp.exp(-t))
                values[i], values[j] = q * a + (1 - q) * b, (1 - q) * a + q * b
            rows[i], rows[j] = (
                [q * u + (1 - q) * v for u, v in zip(rows[i], rows[j], strict=True)],
                [(1 - q) * u + q * v for u, v in zip(rows[i], rows[j], strict=True)],
            )
        return np.array([[float(v) for v in row] for row in rows[:n]])


@pytest.mark.parametrize("swap", ["cauchy", "logistic"])
@pytest.mark.parametrize("method", NETWORKS)
def test_networks_agree_with_thirty_digits(method, swap):
    r = np.random.default_rng(0)
    for n in (1, 2, 3, 5, 8, 11):
        normal = r.standard_normal(n)
        for x in (normal, np.round(normal), 1e8 + normal, 1e-8 * normal, 1e6 * normal):
            for tau in (1.0, 0.02):
                found = permutation_rows(x, tau, method=method, swap=swap)
                assert_allclose(found, truth(x, tau, method, swap), rtol=0, atol=2e-14)


@pytest.mark.parametrize("method", ["neuralsort", "softsort"])
def test_rows_of_the_sorting_operators_add_up_to_them(method):
    x = np.random.default_rng(1).standard_normal((2, 3, 7))
    found = permutation_rows(x, 0.4, method=method)
    assert found.shape == (2, 3, 7, 7)
    for k in (1, 3, 6):
        p = get_operator(method)(x, k, 0.4)
        assert_allclose(found[..., :k, :].sum(axis=-2), p, rtol=0, atol=1e-14)


@BY_SWAP
def test_it_sorts_as_tau_vanishes(method, swap):
    x = np.random.default_rng(2).permutation(19.0 * np.arange(13.0))
    found = permutation_rows(x, 1e-12, method=method, swap=swap)
    assert_allclose(found, np.eye(13)[np.argsort(-x)], rtol=0, atol=1e-10)


@BY_SWAP
def test_derivatives_are_those_of_differences_and_of_each_other(method, swap):
    r = np.random.default_rng(3)
    kind = {"method": method, "swap": swap}
    for n in (1, 2, 6, 11):
        x, v = r.standard_normal((2, 4, n))
        g, h = r.standard_normal((4, n, n)), 1e-6
        change = permutation_jvp(x, 0.6, v, **kind)
        ahead, behind = (permutation_rows(x + s * v, 0.6, **kind) for s in (h, -h))
        assert_allclose(change, (ahead - behind) / (2 * h), rtol=0, atol=1e-7)
        back = permutation_vjp(x, 0.6, g, **kind)
        products = (change * g).sum(axis=(1, 2))
        assert_allclose((back * v).sum(axis=1), products, rtol=1e-10, atol=1e-13)


@BY_SWAP
def test_masked_scores_are_left_out(method, swap):
    kind = {"method": method, "swap": swap}
    x = np.array([[0.3, -np.inf, 2.0, 1.0, -np.inf], [1.0, 2.0, 3.0, 0.0, -1.0], [-np.inf] * 5])
    kept = [0, 2, 3]
    found = permutation_rows(x, 0.5, **kind)
    alone = permutation_rows(x[0, kept], 0.5, **kind)
    assert_allclose(found[0][np.ix_(range(3), kept)], alone, rtol=0, atol=1e-15)
    assert found[0].sum() == pytest.approx(3.0)
    assert not found[2].any()
    g = np.random.default_rng(4).standard_normal((3, 5, 5))
    back = permutation_vjp(x, 0.5, g, **kind)
    own = permutation_vjp(x[0, kept], 0.5, g[0][np.ix_(range(3), kept)], **kind)
    assert_allclose(back[0, kept], own, rtol=0, atol=1e-14)
    assert not back[0, [1, 4]].any()
    assert not back[2].any()


@BY_SWAP
def test_ugly_scores_give_finite_rows(method, swap):
    kind = {"method": method, "swap": swap}
    hard = np.array([1.7e308, -1.7e308, 0.0, 5.0, 5.0, 1e-300])
    for tau in (1e-300, 1.0, 1e300):
        found = permutation_rows(hard, tau, **kind)
        assert np.isfinite(found).all()
        assert_allclose(found.sum(axis=1), 1.0, rtol=0, atol=1e-12)
        for back in (
            permutation_vjp(hard, tau, np.ones((6, 6)), **kind),
            permutation_jvp(hard, tau, np.arange(6.0), **kind),
        ):
            assert not np.isnan(back).any()
    single = np.asfortranarray(np.random.default_rng(5).standard_normal((6, 4)).astype(np.float32))
    single.setflags(write=False)
    found = permutation_rows(single, 0.5, **kind)
    assert found.dtype == np.float32
    assert_allclose(found, permutation_rows(single.astype(float), 0.5, **kind), rtol=0, atol=1e-6)
    assert permutation_rows(np.empty((0, 4)), **kind).shape == (0, 4, 4)


def test_many_rows_are_rows_one_by_one():
    x = np.random.default_rng(6).standard_normal((700, 9))
    for method in NETWORKS:
        found = permutation_rows(x, 0.3, method=method)
        for row in (0, 403, 404, 699):
            assert_array_equal(found[row], permutation_rows(x[row], 0.3, method=method))


@pytest.mark.parametrize("method", METHODS)
def test_more_than_2048_scores_are_refused_with_the_count(method):
    with pytest.raises(ArgumentError, match=r"2049 scores.*4,198,401 entries"):
        permutation_rows(np.zeros(2049), method=method)


@pytest.mark.parametrize(
    ("change", "argument"),
    [({"method": "merge"}, "method"), ({"swap": "normal"}, "swap"), ({"tau": 0.0}, "tau")],
)
def test_wrong_arguments_are_named(change, argument):
    with pytest.raises(ArgumentError) as caught:
        permutation_rows([1.0, 2.0], **change)
    assert caught.value.argument == argument
    with pytest.raises(DataError, match=r"nan at index \(1, 0\)"):
        permutation_rows([[1.0, 2.0], [np.nan, 0.0]])


class Stopping:
    def __init__(self):
        self.reports = []

    @property
    def cancelled(self):
        return len(self.reports) > 1

    def report(self, fraction, text):
        self.reports.append((fraction, text))


@pytest.mark.parametrize("method", METHODS)
def test_it_reports_and_stops(method):
    told = Stopping()
    with pytest.raises(Cancelled):
        permutation_rows(np.arange(400.0), method=method, progress=told)
    assert [text for _, text in told.reports] == ["Soft permutation"] * 2


def laws(x, tau=0.5, **kind):
    return {law.law: law for law in check_permutation(x, tau, **kind)}


def test_networks_are_doubly_stochastic_and_the_sorting_operators_are_not():
    x = np.random.default_rng(7).standard_normal(40)
    for method in METHODS:
        found = laws(x, method=method)["columns"]
        off = np.abs(permutation_rows(x, 0.5, method=method).sum(axis=0) - 1.0)
        assert found.verdict == ("holds" if method in NETWORKS else "broken")
        assert found.worst == pytest.approx(off.max(), abs=1e-13)
        if method not in NETWORKS:
            assert found.witness == (int(off.argmax()),)


def test_only_the_heavy_tailed_swap_is_monotone():
    x = np.array([3.0, -np.inf, 0.0, 0.1])
    for method in NETWORKS:
        assert laws(x, 1.0, method=method, swap="cauchy")["swap"].verdict == "holds"
        found = laws(x, 1.0, method=method, swap="logistic")["swap"]
        h, t = 1e-6, -2.9  # the pair that is worst: 0.1 below 3

        def soft_maximum(t):
            return t / (1 + np.exp(-t))

        slope = (soft_maximum(t + h) - soft_maximum(t - h)) / (2 * h)
        assert found.verdict == "broken"
        assert found.worst == pytest.approx(-slope, rel=1e-6)
        assert found.witness == (3, 0)
        # The matrix says so itself: raising the lower of two lowers the larger one's soft value.
        pair = np.array([3.0, 0.1])
        values = [permutation_rows(p, method=method, swap="logistic")[0] @ p
                  for p in (pair, np.array([3.0, 0.101]))]  # fmt: skip
        assert values[1] < values[0]


def test_laws_that_say_nothing_are_undefined():
    assert laws([1.0, 2.0], method="softsort")["swap"].verdict == "undefined"
    masked = laws([-np.inf, -np.inf], method="odd_even")
    assert {one.verdict for one in masked.values()} == {"undefined"}
    with pytest.raises(ArgumentError, match="1-D"):
        check_permutation(np.zeros((2, 2)))
