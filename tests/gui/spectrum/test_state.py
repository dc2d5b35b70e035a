"""What the page's slice of the state is, and what is in force for an array."""

from __future__ import annotations

import math

import pytest

from gui.core.declare.answers import Answers, Missing
from gui.core.declare.edits import cleaned
from gui.core.declare.moment import Moment
from gui.core.state.document import DataRef, Opened
from gui.pages.spectrum.compute.circle import ENTRY_MAX
from gui.pages.spectrum.compute.factors import Chosen
from gui.pages.spectrum.compute.matrix import limit
from gui.pages.spectrum.compute.pins import OVERLAYS_MAX, Pinned
from gui.pages.spectrum.compute.rules import rules_on_plot
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.compute.soft import Mask
from gui.pages.spectrum.contents import PAGE

REF = DataRef("/a.npy", "a", (30, 20), "float64")
OTHER = DataRef("/b.npy", "b", (7,), "float32")


def in_force(node, ref=REF, **values):
    """What a parameter or value is for an array of that shape; nothing is computed."""
    given = {} if ref is None else {Opened: Opened(ref)}
    return Moment(PAGE, PAGE.state(**values), given, Answers()).look(node)


def test_state_is_hashable_and_equal_by_value():
    assert hash(PAGE.state()) == hash(PAGE.state())
    assert PAGE.state(overlays=(Pinned(REF),)) == PAGE.state(overlays=(Pinned(REF),))


def test_rank_asked_for_comes_back_when_the_matrix_allows_it():
    assert in_force(Shared.rank, rank=25) == 20
    wide = DataRef("/c.npy", "c", (100, 300), "float64")
    assert in_force(Shared.rank, wide, rank=25) == 25
    assert isinstance(in_force(limit, None), Missing)
    assert in_force(Shared.rank, None, rank=25) == 25


def test_vector_counts_as_one_row():
    assert OTHER.matrix_shape == (1, 7)
    assert in_force(limit, OTHER) == 1


def test_k_follows_the_rank_until_it_is_set():
    assert in_force(Mask.k, rank=12) == 12.0
    assert in_force(Mask.k, rank=99) == 20.0
    assert in_force(Mask.k, k=99.0, k_follows=False) == 20.0
    assert in_force(Mask.k, k=4.5, rank=12, k_follows=False) == 4.5


def test_vector_index_stays_within_the_pairs():
    vector = PAGE.parameters["vector"]
    assert vector.owner is Chosen
    assert in_force(vector, vector=50) == 20
    assert in_force(vector, DataRef("/d.npy", "d", (0, 4), "float64"), vector=50) == 1


def test_rules_are_on_the_plot_beside_their_table_or_on_request():
    assert not in_force(rules_on_plot)
    assert in_force(rules_on_plot, view="rules")
    assert in_force(rules_on_plot, show_rules=True)


def test_cleaned_brings_a_session_into_range():
    broken = PAGE.state(
        rank=-3, tau=math.inf, k=math.nan, stage=9.0, noise=-1.0, bins=10**6, vector=0
    )
    state = cleaned(PAGE, broken)
    assert (state.rank, state.vector, state.stage, state.noise) == (0, 1, 3.0, 0.0)
    assert 0 < state.tau <= 10.0
    assert state.bins == 400
    assert math.isfinite(state.k)


def test_cleaned_keeps_what_only_a_matrix_can_limit():
    state = cleaned(PAGE, PAGE.state(rank=10**9, k=1e9, noise=1e300, vector=10**6))
    assert (state.rank, state.k, state.noise, state.vector) == (10**9, 1e9, 1e300, 10**6)


def test_cleaned_brings_entries_and_pins_into_range():
    many = tuple(Pinned(DataRef(f"/{place}.npy", "a", (3, 2), "float64")) for place in range(30))
    state = cleaned(PAGE, PAGE.state(matrix=(math.nan, 1e9, -1e9, 0.5), overlays=many))
    assert state.matrix == (0.0, ENTRY_MAX, -ENTRY_MAX, 0.5)
    assert state.overlays == many[:OVERLAYS_MAX]


@pytest.mark.parametrize(
    ("field", "default", "other"),
    [("quantity", "sigma", "energy"), ("method", "auto", "gram"), ("reduction", "mean", "extreme")],
)
def test_a_choice_that_there_is_not_is_the_default(field, default, other):
    assert getattr(cleaned(PAGE, PAGE.state(**{field: other})), field) == other
    assert getattr(cleaned(PAGE, PAGE.state(**{field: "nonsense"})), field) == default


def test_the_fields_of_a_session_keep_their_names_and_defaults():
    """Sessions and pictures of earlier versions hold these."""
    state = PAGE.state()
    kept = {
        "rank": 8, "quantity": "sigma", "log_x": False, "log_y": True, "normalised": False,
        "method": "auto", "reduction": "mean", "overlays": (), "view": "reconstruction",
        "show_rules": False, "rule_values": (), "error_relative": True, "error_log": True,
        "density_log": False, "bins": 0, "noise": 0.0, "operator": "sigmoid", "k": 8.0,
        "k_follows": True, "tau": 0.02, "vector": 1, "matrix": (1.4, 0.9, -0.3, 1.1), "stage": 3.0,
    }  # fmt: skip
    assert {name: getattr(state, name) for name in kept} == kept
