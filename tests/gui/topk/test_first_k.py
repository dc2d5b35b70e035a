"""An array seen for the first time has a k that suits it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gui.core.declare.settling import settling
from gui.core.state.document import DataRef, Selection
from gui.pages.topk.contents import PAGE


@pytest.mark.parametrize(
    ("shape", "k"), [((512, 64), 8.0), ((40, 8), 2.0), ((40, 16), 8.0), ((3,), 1.0)]
)
def test_a_first_k_never_keeps_every_score(shape, k):
    state = {"selection": Selection(), "topk": PAGE.state()}
    ref = DataRef("/own.csv", "own", shape, "float64")
    found = settling([PAGE])(state, {"selection": {"active": ref}})
    assert found["topk"]["k"] == k
    assert isinstance(found["topk"]["k"], float)


def test_what_an_array_has_had_it_gets_back():
    ref = DataRef("/own.csv", "own", (40, 8), "float64")
    other = DataRef("/other.csv", "other", (4, 9), "float64")
    settle = settling([PAGE])
    state = {"selection": Selection(active=ref), "topk": replace(PAGE.state(), k=5.0)}
    away = settle(state, {"selection": {"active": other}})["topk"]
    assert away["k"] == 2.0
    gone = {"selection": Selection(active=other), "topk": replace(PAGE.state(), **away)}
    assert settle(gone, {"selection": {"active": ref}})["topk"]["k"] == 5.0
