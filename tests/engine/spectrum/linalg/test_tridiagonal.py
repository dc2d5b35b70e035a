"""Reduction to tridiagonal form: the eigenvalues stay, by one stage and by two."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigvalsh_tridiagonal

from engine.jobs import Cancelled
from engine.spectrum.linalg import tridiagonal
from engine.spectrum.linalg.tridiagonal import tridiagonal_form


def gram(name, n):
    a = np.random.default_rng(n).standard_normal((n + 5, n))
    if name == "graded":
        a *= 10.0 ** -np.linspace(0, 7, n)
    if name == "rank three":
        a = np.outer(np.ones(n + 5), a[0]) + np.outer(a[:, 0], np.ones(n)) + a[:, :1] @ a[1:2]
    if name == "clusters":
        return (np.arange(n)[:, None] % 3 == np.arange(n)[None, :] % 3).astype(float)
    return a.T @ a


def eigenvalues(whole):
    # What is below the diagonal must not matter.
    diagonal, off = tridiagonal_form(np.asfortranarray(np.triu(whole)))
    return eigvalsh_tridiagonal(diagonal, off[:-1])


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("name", ["normal", "graded", "rank three", "clusters"])
@pytest.mark.parametrize("n", [2, 3, 47, 48, 49, 50, 95, 96, 97, 98, 150, 337])
def test_two_stages_keep_the_eigenvalues_to_rounding(monkeypatch, n, name):
    monkeypatch.setattr(tridiagonal, "TWO_STAGES_FROM", 0)
    whole = gram(name, n)
    truth = np.linalg.eigvalsh(whole)
    rounding = (10 + 4 * n**0.5) * 2**-53 * truth[-1]
    np.testing.assert_allclose(eigenvalues(whole), truth, rtol=0, atol=rounding)


def test_two_stages_agree_with_one(monkeypatch):
    whole = gram("normal", 200)
    one = eigenvalues(whole)
    monkeypatch.setattr(tridiagonal, "TWO_STAGES_FROM", 0)
    np.testing.assert_allclose(eigenvalues(whole), one, rtol=0, atol=1e-13 * one[-1])


class StopAtThirdCheck:
    """Asks to stop at the third check."""

    def __init__(self):
        self.checks = 0
        self.fractions = []

    @property
    def cancelled(self):
        self.checks += 1
        return self.checks > 2

    def report(self, fraction, text):
        self.fractions.append(fraction)


def test_two_stages_stop_between_blocks_of_columns(monkeypatch):
    monkeypatch.setattr(tridiagonal, "TWO_STAGES_FROM", 0)
    progress = StopAtThirdCheck()
    with pytest.raises(Cancelled):
        tridiagonal_form(np.asfortranarray(gram("normal", 300)), progress, 0.4, "eigenvalues")
    assert progress.checks == 3
    assert 0.4 <= progress.fractions[0] < progress.fractions[1] < 1.0
