import pytest

from gui.core.state.document import DataRef
from gui.pages.topk.numbers import NotANumber, numbers_text, parse_numbers
from gui.pages.topk.state import (
    Override,
    TopkState,
    chosen_focus,
    effective_edits,
    effective_input,
    effective_k,
    with_edit,
)

MATRIX = DataRef("/a.npy", "a", (3, 5), "float64")
VECTOR = DataRef("/b.npy", "b", (7,), "float64")


def test_override_counts_only_while_its_array_is_selected():
    state = TopkState(override=Override(MATRIX, "ties"))
    assert effective_input(state, MATRIX).kind == "ties"
    assert effective_input(state, VECTOR).kind == "data"
    assert effective_input(state, VECTOR).ref == VECTOR


def test_moved_points_count_only_for_the_input_they_were_made_on():
    state = TopkState()
    spec = effective_input(state, MATRIX)
    state = TopkState(edits=with_edit(state, spec, 2, 4.0))
    assert effective_edits(state, spec) == ((2, 4.0),)
    assert effective_edits(state, effective_input(state, VECTOR)) == ()


def test_position_beyond_the_array_means_its_last_line():
    assert effective_input(TopkState(position=40), MATRIX).position == 2
    assert effective_input(TopkState(position=40, axis="column"), MATRIX).position == 4


def test_a_vector_has_no_line():
    spec = effective_input(TopkState(position=4, axis="column"), VECTOR)
    assert (spec.axis, spec.position) == ("row", 0)


@pytest.mark.parametrize(
    ("k", "count", "whole", "expected"),
    [(8, 5, True, 5), (2.5, 9, False, 2.5), (2.4, 9, True, 2), (-1, 9, True, 0)],
)
def test_k_in_force_stays_within_the_scores(k, count, whole, expected):
    assert effective_k(k, count, whole) == expected


def test_focus_is_always_one_of_the_compared_operators():
    assert chosen_focus(TopkState(operators=("hard", "clip"), focus="grad")) == "clip"
    assert chosen_focus(TopkState(operators=("hard",), focus="grad")) == "hard"


def test_state_is_hashable_and_simple():
    assert isinstance(hash(TopkState(override=Override(MATRIX, "pasted", (1.0, 2.0)))), int)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1 2 3", (1, 2, 3)),
        ("[1.5, -2e-3;\n4]", (1.5, -2e-3, 4)),
        ("0.5\t-inf", (0.5, float("-inf"))),
        ("7", (7,)),
        ("3,1,2", (3, 1, 2)),
        ("1,2", (1, 2)),
        ("3, 1\n2", (3, 1, 2)),
        ("0.5,1.5\n2.5,3.5\n", (0.5, 1.5, 2.5, 3.5)),
        ("0,5\t1,25\t-3", (0.5, 1.25, -3)),
        ("0,5;1,25\r\n-0,75;2", (0.5, 1.25, -0.75, 2)),
        ("0,5\n-1,25\n2,0\n", (0.5, -1.25, 2)),
        ("\u22121.5 \u22122", (-1.5, -2)),
        ("array([ 0.5, -1. ], dtype=float32)", (0.5, -1)),
        ("tensor([[0.5, 2.0]], device='cuda:0', grad_fn=<AddBackward0>)", (0.5, 2)),
    ],
)
def test_numbers_are_read_as_people_paste_them(text, numbers):
    assert parse_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 2\n3 four 5", "“four” (item 4, line 2) is not a number."),
        ("1 nan", "Item 2 (line 1) is nan"),
        ("  ", "no number"),
        ("inf", "is inf"),
        ("", "no number"),
        ("1 1e999", "Item 2 (line 1) is 1e999"),
        ("0.5; 1.x", "“1.x” (item 2, line 1)"),
        ("tensor([1.0, x])", "“x” (item 2, line 1)"),
    ],
)
def test_what_is_not_a_number_is_named_with_its_place(text, words):
    with pytest.raises(NotANumber) as caught:
        parse_numbers(text)
    assert words in str(caught.value)
    assert text[caught.value.start : caught.value.end] in (
        "four",
        "nan",
        "",
        "inf",
        "1e999",
        "1.x",
        "x",
    )


def test_numbers_survive_the_editor_exactly():
    values = (0.1, -3.0, 1e300, 1e-300, 2.0**53, float("-inf"))
    assert parse_numbers(numbers_text(values)) == values
