from __future__ import annotations

import math

from gui.core.state.document import DataRef
from gui.pages.spectrum.state import (
    Pinned,
    SpectrumState,
    cleaned,
    effective_k,
    effective_rank,
    effective_vector,
    rank_limit,
    repair_of,
    rules_on_plot,
    with_repair,
    with_rule_value,
    without_rule_value,
)

REF = DataRef("/a.npy", "a", (30, 20), "float64")
OTHER = DataRef("/b.npy", "b", (7,), "float32")


def test_state_is_hashable_and_equal_by_value():
    assert hash(SpectrumState()) == hash(SpectrumState())
    assert SpectrumState(overlays=(Pinned(REF),)) == SpectrumState(overlays=(Pinned(REF),))


def test_rank_asked_for_comes_back_when_the_matrix_allows_it():
    state = SpectrumState(rank=25)
    assert effective_rank(state, rank_limit(REF)) == 20
    assert effective_rank(state, 100) == 25
    assert effective_rank(state, rank_limit(None)) == 0


def test_vector_counts_as_one_row():
    assert OTHER.matrix_shape == (1, 7)
    assert rank_limit(OTHER) == 1


def test_k_follows_the_rank_until_it_is_set():
    assert effective_k(SpectrumState(rank=12), 20) == 12.0
    assert effective_k(SpectrumState(k=99.0, k_follows=False), 20) == 20.0


def test_vector_index_stays_within_the_pairs():
    assert effective_vector(SpectrumState(vector=50), 20) == 20
    assert effective_vector(SpectrumState(vector=50), 0) == 1


def test_repair_belongs_to_one_array():
    state = SpectrumState(repairs=with_repair(SpectrumState(), REF, "zero"))
    assert repair_of(state, REF) == "zero"
    assert repair_of(state, OTHER) == ""
    state = SpectrumState(repairs=with_repair(state, REF, "column_mean"))
    assert repair_of(state, REF) == "column_mean"
    assert with_repair(state, REF, "") == ()


def test_rule_values_replace_and_return_to_the_default():
    state = SpectrumState(rule_values=with_rule_value(SpectrumState(), "energy", 0.5))
    state = SpectrumState(rule_values=with_rule_value(state, "energy", 0.7))
    assert state.rule_values == (("energy", 0.7),)
    assert without_rule_value(state, "energy") == ()


def test_rules_are_on_the_plot_beside_their_table_or_on_request():
    assert not rules_on_plot(SpectrumState())
    assert rules_on_plot(SpectrumState(view="rules"))
    assert rules_on_plot(SpectrumState(show_rules=True))


def test_cleaned_brings_a_session_into_range():
    broken = SpectrumState(
        rank=-3, tau=math.inf, k=math.nan, stage=9.0, noise=-1.0, bins=10**6, vector=0
    )
    state = cleaned(broken)
    assert (state.rank, state.vector, state.stage, state.noise) == (0, 1, 3.0, 0.0)
    assert 0 < state.tau <= 10.0
    assert state.bins == 400
    assert math.isfinite(state.k)
