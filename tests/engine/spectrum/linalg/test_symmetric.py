"""Rank-k updates, Cholesky as a proof, and a part of the eigenvalues; the upper triangle counts."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ConvergenceError
from engine.spectrum.linalg import symmetric
from engine.spectrum.linalg.symmetric import Reduced, add_gram, is_definite

RNG = np.random.default_rng(3)
N = 90
FORMS = {
    "normal": RNG.standard_normal((N + 9, N)),
    "graded": RNG.standard_normal((N + 9, N)) * 10.0 ** -np.linspace(0, 7, N),
    "clusters": np.kron(np.eye(3), np.ones((N // 3, N // 3))),
    "rank one": np.outer(np.ones(N), np.arange(N)),
    "diagonal": np.diag(np.arange(1.0, N + 1)),
}


def whole_gram(name, dtype=np.float64):
    a = FORMS[name].astype(dtype)
    if np.dtype(dtype).kind == "c":
        a = a * np.exp(1j * np.linspace(0, 2, a.size)).reshape(a.shape)
    return a.conj().T @ a


def upper_only(whole):
    """What is below the diagonal must not matter."""
    return np.asfortranarray(np.triu(whole) + np.tril(np.full(whole.shape, np.nan), -1))


@pytest.mark.parametrize("layout", ["C", "F", "neither"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_add_gram_adds_to_the_upper_triangle_alone(dtype, layout):
    block = (RNG.standard_normal((14, 6)) * (1 + 2j if np.dtype(dtype).kind == "c" else 1)).astype(
        dtype, order="F" if layout == "F" else "C"
    )
    block = np.repeat(block, 2, axis=1)[:, ::2] if layout == "neither" else block
    gram = np.full((6, 6), 3.0, dtype, order="F")
    add_gram(gram, block)
    truth = 3.0 + block.conj().T.astype(complex) @ block
    eps = 40 * np.finfo(dtype).eps
    np.testing.assert_allclose(np.triu(gram), np.triu(truth), rtol=eps, atol=eps * 14)
    np.testing.assert_array_equal(np.tril(gram, -1), np.tril(np.full((6, 6), 3.0), -1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("least", [1e-2, -1e-2])
def test_is_definite_tells_the_sign_of_the_least_eigenvalue(dtype, least):
    q = np.linalg.qr(whole_gram("normal", dtype) + np.eye(N))[0]
    values = np.linspace(1.0, 2.0, N)
    values[N // 2] = least
    matrix = ((q * values) @ q.conj().T).astype(dtype)
    assert is_definite(upper_only(matrix)) == (least > 0)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(("count", "after"), [(1, 0), (3, 0), (3, 2), (N // 2, 0), (N, 0)])
def test_leading_values_are_those_of_all_eigenvalues(name, dtype, count, after):
    whole = whole_gram(name, dtype)
    truth = np.linalg.eigvalsh(whole)[::-1]
    found = Reduced(upper_only(whole)).leading_values(count, after=after)
    rounding = (10 + 4 * N**0.5) * 2.0**-53 * truth[0]
    np.testing.assert_allclose(found, truth[after : after + count], rtol=0, atol=rounding)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("name", ["normal", "graded", "clusters", "diagonal"])
@pytest.mark.parametrize("count", [1, 4, N])
def test_leading_vectors_are_orthonormal_and_invariant(name, dtype, count):
    whole = whole_gram(name, dtype)
    truth = np.linalg.eigvalsh(whole)[::-1]
    v = Reduced(upper_only(whole)).leading_vectors(count)
    assert v.shape == (N, count)
    np.testing.assert_allclose(v.conj().T @ v, np.eye(count), atol=1e-12)
    reached = np.linalg.eigvalsh(v.conj().T @ whole @ v)[::-1]
    np.testing.assert_allclose(reached, truth[:count], rtol=0, atol=1e-12 * truth[0])


def test_a_routine_that_fails_is_told_in_words(monkeypatch):
    reduced = Reduced(upper_only(whole_gram("normal")))
    monkeypatch.setattr(symmetric, "call", lambda *arguments: 1)
    with pytest.raises(ConvergenceError, match="svd"):
        reduced.leading_values(2)
    with pytest.raises(ConvergenceError, match="svd"):
        reduced.leading_vectors(2)


@pytest.mark.parametrize("seed", range(20))
def test_a_cluster_across_the_cut_is_found_on_every_processor(seed):
    """Bisection for a place inside a cluster may find too few values (LAPACK's info 2 and 3)."""
    q = np.linalg.qr(np.random.default_rng(seed).standard_normal((240, 240)))[0]
    whole = (q * np.repeat([4.0, 1.0], [5, 235])) @ q.T
    for after in (5, 9, 60):
        found = Reduced(upper_only(whole)).leading_values(1, after=after)
        np.testing.assert_allclose(found, [1.0], rtol=1e-13)


def test_all_values_answer_where_bisection_finds_too_few(monkeypatch):
    whole = whole_gram("normal")
    reduced, call = Reduced(upper_only(whole)), symmetric.call
    monkeypatch.setattr(
        symmetric, "call", lambda name, *rest: 2 if name == "dstebz" else call(name, *rest)
    )
    truth = np.linalg.eigvalsh(whole)[::-1]
    np.testing.assert_allclose(reduced.leading_values(2, after=1), truth[1:3], rtol=1e-12)


def test_eigenvalues_are_computed_once_however_often_they_are_asked_for(monkeypatch):
    gram = np.asfortranarray(np.diag(np.arange(40.0, 0.0, -1.0)))
    reduced = Reduced(gram)
    calls, call = [], symmetric.call
    monkeypatch.setattr(
        symmetric, "call", lambda name, *rest: (calls.append(name), call(name, *rest))[1]
    )
    parts = [reduced.leading_values(20), reduced.leading_values(20, after=20)]
    np.testing.assert_allclose(np.concatenate(parts), np.arange(40.0, 0.0, -1.0), rtol=1e-13)
    np.testing.assert_array_equal(reduced.leading_values(1), parts[0][:1])
    assert calls == ["dsterf"]
