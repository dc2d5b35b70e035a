"""Copied code of a selection against the engine, in every library."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from engine.column_row import Terms, select_terms, weigh_terms
from engine.column_row.code import selection_snippet
from engine.errors import ArgumentError
from engine.flavours import FLAVOURS


def selected(strategy, kind, r=3):
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((7, 9)), rng.standard_normal((9, 5))
    terms = Terms(x, y)
    pick = select_terms(terms, r, strategy, {"seed": 3} if "sampling" in strategy else {})
    return x, y, pick if kind == "own" else weigh_terms(terms, pick, kind)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("library", FLAVOURS)
@pytest.mark.parametrize(
    ("strategy", "kind"),
    [("greedy", "own"), ("greedy", "full"), ("norm", "diagonal"), ("norm_sampling", "own")],
)
def test_copied_selections_approximate_as_the_engine_does(library, strategy, kind, capsys):
    pytest.importorskip(library)
    x, y, pick = selected(strategy, kind)
    code = selection_snippet(pick, 9, library)
    imported = [n.names[0].name for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Import)]
    assert imported == [{"numpy": "numpy", "torch": "torch", "jax": "jax.numpy"}[library]]
    places: dict = {}
    exec(code, places)
    assert capsys.readouterr().out
    left, right = x[:, pick.indices], y[pick.indices]
    full = pick.weights.ndim == 2
    wanted = (left @ pick.weights if full else left * pick.weights) @ right
    for kind_of, tolerance in ((np.float64, 1e-10), (np.float32, 1e-4)):
        if library == "jax" and kind_of is np.float64:
            continue  # switched off by default there
        made = {"numpy": np.asarray, "torch": getattr(places.get("torch"), "from_numpy", None)}
        put = made.get(library) or places["jnp"].asarray
        found = places["approximate"](put(x.astype(kind_of)), put(y.astype(kind_of)))
        assert str(found.dtype).endswith(np.dtype(kind_of).name)
        np.testing.assert_allclose(np.asarray(found), wanted, atol=tolerance)
        batch = places["approximate"](
            put(np.stack([x, 2 * x]).astype(kind_of)), put(np.stack([y, y]).astype(kind_of))
        )
        np.testing.assert_allclose(np.asarray(batch)[1], 2 * wanted, atol=2 * tolerance)


def test_no_pair_is_nothing():
    x, y, pick = selected("greedy", "own", 0)
    places: dict = {}
    exec(selection_snippet(pick, 9), places)
    assert not places["approximate"](x, y).any()


def test_an_unknown_library_is_refused():
    with pytest.raises(ArgumentError, match="flavour"):
        selection_snippet(selected("greedy", "own")[2], 9, "fortran")
