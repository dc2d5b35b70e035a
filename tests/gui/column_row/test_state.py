from __future__ import annotations

import dataclasses

import pytest

from gui.core.state.document import DataRef
from gui.core.state.session import from_json, to_json
from gui.core.words import i18n
from gui.pages.column_row.state import (
    ACTIVATIONS,
    LAYER_WEIGHTS,
    PAIRINGS_MAX,
    ColumnRowState,
    Factor,
    Pairing,
    Product,
    cleaned,
    pairing_of,
    product_of,
    transposing_that_fits,
    with_pairing,
    with_strategy,
    with_weights,
)

A = DataRef("a.npz", "a", (3, 4), "float64")
B = DataRef("a.npz", "b", (4, 6), "float64")
C = DataRef("a.npz", "c", (6, 4), "float64")
VECTOR = DataRef("a.npz", "v", (4,), "float64")


def test_an_array_is_multiplied_by_itself_until_something_else_is_chosen():
    product = product_of(ColumnRowState(), A)
    assert (product.x, product.y) == (Factor(A, True), Factor(A))
    assert (product.x.shape, product.y.shape, product.pairs) == ((4, 3), (3, 4), 3)
    assert product_of(ColumnRowState(), None) is None


def test_title_of_a_product_with_itself_has_full_width_punctuation_in_chinese():
    state = ColumnRowState()
    assert product_of(state, A).title == "a.npz: Aᵀ A"
    before = i18n.language()
    try:
        i18n.set_language("zh_CN")
        assert product_of(state, A).title == "a.npz：Aᵀ A"
    finally:
        i18n.set_language(before)


def test_columns_are_picked_from_a_times_its_transpose():
    state = ColumnRowState(pairings=(Pairing(A, "columns"),))
    product = product_of(state, A)
    assert (product.x.shape, product.y.shape, product.pairs) == ((3, 4), (4, 3), 4)


def test_a_pairing_belongs_to_its_array_only():
    state = ColumnRowState(pairings=(Pairing(A, "other", B),))
    assert product_of(state, A).y.ref == B
    assert product_of(state, C).y.ref == C
    assert pairing_of(state, C) == Pairing(C)


def test_the_example_is_paired_from_the_start():
    product = product_of(ColumnRowState(), ACTIVATIONS)
    assert product.y.ref == LAYER_WEIGHTS
    assert product.pairs == 20


def test_a_vector_counts_as_one_row():
    assert product_of(ColumnRowState(), VECTOR).pairs == 1


@pytest.mark.parametrize(
    ("x", "y", "turn"),
    [(A, C, (False, True)), (B, C, None), (C, B, None), (A, A, (False, True))],
)
def test_transposing_is_suggested_only_where_it_helps(x, y, turn):
    product = Product(Factor(x), Factor(y))
    if product.fits:
        assert product.pairs > 0
    else:
        assert transposing_that_fits(product) == turn


def test_both_are_turned_only_when_neither_alone_helps():
    tall, flat = DataRef("a", "t", (5, 2), "float64"), DataRef("a", "f", (7, 5), "float64")
    assert transposing_that_fits(Product(Factor(tall), Factor(flat))) == (True, True)


def test_pairings_are_replaced_not_repeated_and_bounded():
    state = ColumnRowState(pairings=(Pairing(A, "other", B),))
    assert with_pairing(state, Pairing(A, "columns")) == (Pairing(A, "columns"),)
    many = tuple(Pairing(dataclasses.replace(A, entry=str(i))) for i in range(PAIRINGS_MAX))
    longer = with_pairing(ColumnRowState(pairings=many), Pairing(B))
    assert len(longer) == PAIRINGS_MAX
    assert longer[-1] == Pairing(B)


def test_ticks_keep_the_display_order():
    state = ColumnRowState(strategies=("greedy",))
    keys = ("norm", "drop2", "greedy")
    assert with_strategy(state, keys, "norm", True) == ("norm", "greedy")
    assert with_strategy(state, keys, "greedy", False) == ()
    assert with_weights(ColumnRowState(weights=("full",)), "own", True) == ("own", "full")


def test_numbers_of_a_session_come_into_their_ranges():
    state = cleaned(ColumnRowState(tau=float("nan"), seed=-3, weights=()))
    assert (state.tau, state.seed, state.weights) == (0.1, 0, ("own",))


def test_the_state_survives_a_session():
    state = ColumnRowState(
        pairings=(Pairing(A, "other", B, True, False), Pairing(C, "columns")),
        r=3,
        strategies=("exact", "soft"),
        weights=("diagonal",),
        detail="exact",
        detail_weights="diagonal",
        seed=7,
        operator="clip",
        tau=0.25,
        view="table",
        order="index",
        error_log=True,
    )
    restored, notices = from_json(to_json({"column_row": state}), {"column_row": ColumnRowState()})
    assert restored["column_row"] == state
    assert notices == ()
