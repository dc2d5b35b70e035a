"""What the page remembers, and which product follows from it."""

from __future__ import annotations

import dataclasses

import pytest

from gui.core.declare.draw import moment_of
from gui.core.declare.edits import cleaned, ticked
from gui.core.declare.settling import settling
from gui.core.state.document import Arrays, DataRef, Files, Opened, Second, Selection
from gui.core.state.session import from_json, to_json
from gui.core.words import i18n
from gui.pages.column_row.compute.catalogue import Comparison, InDetail
from gui.pages.column_row.compute.product import (
    ACTIVATIONS,
    LAYER_WEIGHTS,
    CannotMultiply,
    Factor,
    Pairing,
    Product,
    multiplied,
    product,
    transposing_that_fits,
    with_pairing,
)
from gui.pages.column_row.contents import PAGE

A = DataRef("a.npz", "a", (3, 4), "float64")
B = DataRef("a.npz", "b", (4, 6), "float64")
C = DataRef("a.npz", "c", (6, 4), "float64")
VECTOR = DataRef("a.npz", "v", (4,), "float64")
SOURCE = object()


def at(ref, second=None, **values):
    """The page while ``ref`` is selected, everything of its file at hand."""
    data = Opened(ref, SOURCE)
    given = {Opened: data, Arrays: Arrays(Files(), Selection(ref), ((ref.path, SOURCE),))}
    if second is not None:
        given[Second] = Second(Opened(second, SOURCE))
    return moment_of(PAGE, given, values)


def product_of(ref, *pairings, **values):
    if pairings:
        values["pairings"] = pairings
    return at(ref, **values).look(multiplied)


def factor(ref, transposed=False):
    return Factor(Opened(ref, SOURCE), transposed)


def test_an_array_is_multiplied_by_itself_until_something_else_is_chosen():
    found = product_of(A)
    assert (found.x, found.y) == (factor(A, True), factor(A))
    assert (found.x.shape, found.y.shape, found.shape) == ((4, 3), (3, 4), (4, 3, 4))
    assert moment_of(PAGE, {}, {}).look(multiplied).why is None


def test_title_of_a_product_with_itself_has_full_width_punctuation_in_chinese():
    assert product_of(A).title == "a.npz: Aᵀ A"
    before = i18n.language()
    try:
        i18n.set_language("zh_CN")
        assert product_of(A).title == "a.npz：Aᵀ A"
    finally:
        i18n.set_language(before)


def test_columns_are_picked_from_a_times_its_transpose():
    found = product_of(A, Pairing(A, "columns"))
    assert (found.x.shape, found.y.shape, found.shape[1]) == ((3, 4), (4, 3), 4)


def test_a_pairing_belongs_to_its_array_only():
    paired = Pairing(A, "other", B)
    assert product_of(A, paired).y.ref == B
    assert product_of(C, paired).y.ref == C


def test_the_example_is_paired_from_the_start():
    found = product_of(ACTIVATIONS)
    assert found.y.ref == LAYER_WEIGHTS
    assert found.shape[1] == 20


def test_a_vector_counts_as_one_row():
    assert product_of(VECTOR).shape[1] == 1


def test_what_a_command_line_says_of_the_product_comes_before_a_pairing():
    assert product_of(A, product="columns").shape == (3, 4, 3)
    assert product_of(A, Pairing(A, "columns"), product="rows").shape == (4, 3, 4)
    assert product_of(A, Pairing(A, "columns")).shape == (3, 4, 3)
    found = at(A, second=C, transpose_y=True).look(product)
    assert (found.y, found.shape) == (factor(C, True), (3, 4, 6))
    turned = product_of(A, Pairing(A, "other", C, True, False), transpose_x=True, transpose_y=True)
    assert (turned.x, turned.y) == (factor(A), factor(C, True))


def test_what_cannot_be_multiplied_is_an_error_that_says_why():
    missing = at(A, pairings=(Pairing(A, "other", C),)).look(product)
    assert isinstance(missing.why, CannotMultiply)
    assert missing.why.turn == (False, True)
    closed = dataclasses.replace(B, path="gone.npz")
    missing = at(A, pairings=(Pairing(A, "other", closed),)).look(product)
    assert "gone.npz > b is not open any more" in str(missing.why)
    assert missing.why.turn is None


@pytest.mark.parametrize(
    ("x", "y", "turn"),
    [(A, C, (False, True)), (B, C, None), (C, B, None), (A, A, (False, True))],
)
def test_transposing_is_suggested_only_where_it_helps(x, y, turn):
    found = Product(factor(x), factor(y))
    if found.fits:
        assert found.shape[1] > 0
    else:
        assert transposing_that_fits(found) == turn


def test_both_are_turned_only_when_neither_alone_helps():
    tall, flat = DataRef("a", "t", (5, 2), "float64"), DataRef("a", "f", (7, 5), "float64")
    assert transposing_that_fits(Product(factor(tall), factor(flat))) == (True, True)


def test_pairings_are_replaced_not_repeated_and_bounded():
    assert with_pairing((Pairing(A, "other", B),), Pairing(A, "columns")) == (
        Pairing(A, "columns"),
    )
    many = tuple(Pairing(dataclasses.replace(A, entry=str(i))) for i in range(Pairing.MOST))
    longer = with_pairing(many, Pairing(B))
    assert len(longer) == Pairing.MOST
    assert longer[-1] == Pairing(B)
    assert len(cleaned(PAGE, PAGE.state(pairings=(*many, *many))).pairings) == Pairing.MOST


def test_what_only_a_command_line_says_is_not_taken_from_a_session():
    said = PAGE.state(product="rows", transpose_x=True, transpose_y=True)
    assert cleaned(PAGE, said) == PAGE.state()


def test_ticks_keep_the_display_order():
    now = moment_of(PAGE, {}, {"strategies": ("greedy",), "weights": ("full",)})
    strategies, weights = Comparison.strategies, Comparison.weights
    assert ticked(now, strategies, "norm", True) == ("norm", "greedy")
    assert ticked(now, strategies, "greedy", False) == ()
    assert ticked(now, weights, "own", True) == ("own", "full")
    assert ticked(now, weights, "full", False) == ("full",)


def test_the_strategy_in_detail_is_one_of_those_compared():
    now = moment_of(PAGE, {}, {"strategies": ("norm", "exact"), "detail": "greedy"})
    assert now.look(InDetail.detail) == "norm"
    now = moment_of(PAGE, {}, {"strategies": ("norm", "exact"), "detail": "exact"})
    assert now.look(InDetail.detail) == "exact"


def test_every_array_has_an_r_of_its_own():
    state = {"selection": Selection(A), "column_row": PAGE.state(r=20, seed=5)}
    changed = settling((PAGE,))(state, {"selection": {"active": B}})["column_row"]
    assert changed["r"] == 8
    assert set(changed) == {"r", "remembered"}
    at_b = {
        "selection": Selection(B),
        "column_row": dataclasses.replace(state["column_row"], **changed),
    }
    assert settling((PAGE,))(at_b, {"selection": {"active": A}})["column_row"]["r"] == 20


def test_numbers_of_a_session_come_into_their_ranges():
    state = cleaned(PAGE, PAGE.state(tau=float("nan"), seed=-3, weights=()))
    assert (state.tau, state.seed, state.weights) == (0.1, 0, ("own",))


def test_the_state_survives_a_session():
    state = PAGE.state(
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
    restored, notices = from_json(to_json({"column_row": state}), {"column_row": PAGE.state()})
    assert restored["column_row"] == state
    assert notices == ()


def test_a_session_of_the_window_before_is_read_whole():
    """The slice as it was written then, its choice of repairs apart, which stands elsewhere now."""
    text = """{"schema": 1, "state": {"column_row": {
        "pairings": [{"a": {"path": "a.npz", "entry": "a", "shape": [3, 4], "dtype": "float64",
                            "index": [], "stamp": "", "channels": 1},
                      "kind": "columns", "y": null, "x_transposed": false, "y_transposed": true}],
        "repairs": [], "r": 5, "strategies": ["norm", "exact"], "weights": ["own", "diagonal"],
        "detail": "exact", "detail_weights": "own", "seed": 3, "operator": "clip", "tau": 0.5,
        "view": "table", "order": "index", "error_log": true, "r_log": true,
        "norms_log": true}}}"""
    restored, notices = from_json(text, {"column_row": PAGE.state()})
    expected = PAGE.state(
        pairings=(Pairing(A, "columns", None, False, True),),
        r=5,
        strategies=("norm", "exact"),
        weights=("own", "diagonal"),
        detail="exact",
        detail_weights="own",
        seed=3,
        operator="clip",
        tau=0.5,
        view="table",
        order="index",
        error_log=True,
        r_log=True,
        norms_log=True,
    )
    assert restored["column_row"] == expected
    assert notices == ()
