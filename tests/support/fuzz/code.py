"""Code that is copied, run on what nobody thought of: it does what the engine does."""

from __future__ import annotations

import contextlib
import io

import numpy as np

import engine.column_row as ec
import engine.spectrum as es
from engine.spectrum.rank_rules.code import CODED_RULES


def _run(code):
    places: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, places)
    return places


def copied_ranks(rng):
    """A rank, or a rule with a clear answer, gives the factors of the engine's rank."""
    m, n = (int(v) for v in rng.integers(1, 12, 2))
    left, right = (np.linalg.qr(rng.standard_normal((size, size)))[0] for size in (m, n))
    values = np.exp2(-np.arange(min(m, n)) * float(rng.uniform(0.3, 4.0)))
    a = float(10.0 ** rng.uniform(-8, 8)) * (left[:, : len(values)] * values) @ right[: len(values)]
    key = str(rng.choice(["", *CODED_RULES]))
    rank = int(rng.integers(0, len(values) + 1))
    truncated = _run(es.rank_snippet(rank, key))["truncated"]
    u, s, vh = truncated(a)
    if not key:
        assert len(s) == rank
    np.testing.assert_allclose(s, np.linalg.svd(a, compute_uv=False)[: len(s)], rtol=1e-9)
    error = np.linalg.norm(a - (u * s) @ vh, 2)
    rest = float(es.singular_values(a).values[len(s) :].max(initial=0.0))
    np.testing.assert_allclose(error, rest, rtol=1e-6, atol=1e-13 * np.linalg.norm(a))
    return m, n, key, rank


def copied_selections(rng):
    """Pairs with their weights approximate as the selection does."""
    m, n, l_ = (int(v) for v in rng.integers(1, 9, 3))
    x = rng.standard_normal((m, l_)) * 10.0 ** rng.uniform(-6, 6)
    y = rng.standard_normal((l_, n)) * 10.0 ** rng.uniform(-6, 6)
    terms, r = ec.Terms(x, y), int(rng.integers(0, l_ + 1))
    pick = ec.select_terms(terms, r, "greedy", {})
    kind = str(rng.choice(["own", "diagonal", "full"]))
    if kind != "own":
        pick = ec.weigh_terms(terms, pick, kind)
    found = _run(ec.selection_snippet(pick, l_))["approximate"](x, y)
    columns, rows = x[:, pick.indices], y[pick.indices]
    weighted = columns @ pick.weights if pick.weights.ndim == 2 else columns * pick.weights
    room = np.abs(x) @ np.abs(y) * max(np.abs(pick.weights).max(initial=0.0), 1.0)
    assert np.all(np.abs(found - weighted @ rows) <= 1e-12 * room.max(initial=0.0))
    return m, n, l_, r, kind


CHECKS = (copied_ranks, copied_selections)
