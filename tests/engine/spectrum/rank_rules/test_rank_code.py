"""Copied code of rank rules against the engine: the same rank, and factors that rebuild."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.flavours import FLAVOURS
from engine.spectrum import RANK_RULES, singular_values
from engine.spectrum.rank_rules.code import CODED_RULES, rank_snippet


def matrices():
    rng = np.random.default_rng(11)
    signal = rng.standard_normal((40, 5)) * [9.0, 7.0, 5.0, 3.0, 2.0] @ rng.standard_normal((5, 30))
    return {
        "signal and noise": signal + rng.standard_normal((40, 30)),
        "noise": rng.standard_normal((25, 60)),
        "of low rank": signal,
        "decay": rng.standard_normal((30, 20)) * 0.5 ** np.arange(20),
        "ones": np.eye(6),
        "one row": rng.standard_normal((1, 9)),
        "zero": np.zeros((4, 3)),
        "one number": np.array([[2.0]]),
    }


OTHERS = {
    "energy": {"target": 0.5},
    "relative": {"fraction": 0.3},
    "absolute": {"level": 3.0},
    "frobenius": {"budget": 20.0, "relative": False},
    "spectral": {"budget": 4.0, "relative": False},
    "stored_size": {"share": 0.2},
    "gavish_donoho_known": {"noise": 0.5},
    "mp_edge": {"noise": 0.7},
    "sv_ratio": {"ratio": 3.0, "convention": "sd-scripts"},
    "sv_cumulative": {"target": 1.0},
    "sv_fro": {"target": 0.6, "convention": "sd-scripts"},
}


def run(code, library):
    """Run copied code; it may import its library and math only."""
    pytest.importorskip({"numpy": "numpy", "torch": "torch", "jax": "jax"}[library])
    found = {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    assert found <= {"math", library}
    places: dict = {}
    exec(code, places)
    return places


def test_every_rule_is_said_but_those_that_draw_or_need_special_functions():
    assert set(RANK_RULES) - set(CODED_RULES) == {"parallel_analysis", "minka"}


@pytest.mark.parametrize("key", CODED_RULES)
def test_rules_choose_the_rank_of_the_engine(key, capsys):
    for given in ({}, OTHERS.get(key, {})):
        truncated = run(rank_snippet(1, key, **given), "numpy")["truncated"]
        for name, a in matrices().items():
            if name == "zero" and given.get("convention") == "sd-scripts":
                continue  # the tool keeps one value of nothing; the code keeps none
            wanted = RANK_RULES[key](singular_values(a), **given).rank
            u, s, vh = truncated(a)
            assert s.size == wanted, (name, given)
            best = np.linalg.svd(a)
            np.testing.assert_allclose(
                (u * s) @ vh, (best[0][:, :wanted] * best[1][:wanted]) @ best[2][:wanted], atol=1e-9
            )


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("library", FLAVOURS)
@pytest.mark.parametrize("key", ["", "energy", "gavish_donoho", "mp_edge", "minka"])
def test_every_library_has_the_same_factors_in_its_own_type(library, key, capsys):
    places = run(rank_snippet(3, key, library), library)
    assert capsys.readouterr().out  # the last lines run it
    a = matrices()["signal and noise"].astype(np.float32)
    said = {"numpy": np.asarray, "torch": None, "jax": None}
    if library == "torch":
        said[library] = places["torch"].from_numpy
    elif library == "jax":
        said[library] = places["jnp"].asarray
    u, s, vh = places["truncated"](said[library](a))
    assert str(s.dtype).endswith("float32")
    coded = key in CODED_RULES
    wanted = RANK_RULES[key](singular_values(a)).rank if coded else 3
    assert s.shape[0] == wanted
    best = np.linalg.svd(a.astype(float))
    rebuilt = (best[0][:, :wanted] * best[1][:wanted]) @ best[2][:wanted]
    np.testing.assert_allclose(np.asarray((u * s) @ vh), rebuilt, atol=2e-4)


def test_gradients_pass_through_the_factors():
    torch = pytest.importorskip("torch")
    places = run(rank_snippet(2, "", "torch"), "torch")
    a = torch.tensor(matrices()["decay"], requires_grad=True)
    u, s, vh = places["truncated"](a)
    s.sum().backward()
    # The derivative of the sum of leading singular values is U V^T.
    np.testing.assert_allclose(a.grad.numpy(), (u @ vh).detach().numpy(), atol=1e-9)


def test_what_is_not_there_is_refused():
    with pytest.raises(ArgumentError, match="flavour"):
        rank_snippet(1, "energy", "fortran")
    with pytest.raises(ArgumentError, match="key"):
        rank_snippet(1, "enrgy")
    with pytest.raises(ArgumentError, match="target"):
        rank_snippet(1, "energy", target=2.0)
