"""Matrices whose spectra are known, and what numpy says of them."""

from __future__ import annotations

from typing import Any

import numpy as np


def matrix(seed: int, rows: int, columns: int, decay: float = 0.8, top: float = 1.0) -> Any:
    """Return a matrix with singular values top decay^0, top decay^1, ... between random bases."""
    rng = np.random.default_rng(seed)
    small = min(rows, columns)
    left, _ = np.linalg.qr(rng.normal(size=(rows, small)))
    right, _ = np.linalg.qr(rng.normal(size=(columns, small)))
    return (left * (top * decay ** np.arange(small))) @ right.T


def sigma_of(a: Any) -> Any:
    """Return the singular values."""
    return np.linalg.svd(a, compute_uv=False)


def rank_part(a: Any, rank: int) -> Any:
    """Return the best approximation of a rank."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return (u[:, :rank] * s[:rank]) @ vh[:rank]


def kahan(n, theta=1.2):
    """Kahan's triangle: its smallest singular value is far below its smallest diagonal entry."""
    s, c = np.sin(theta), np.cos(theta)
    return np.triu(np.full((n, n), -c) + (1.0 + c) * np.eye(n)) * s ** np.arange(n)[:, None]
