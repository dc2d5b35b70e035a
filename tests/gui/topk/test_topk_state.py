import dataclasses

import numpy as np
import pytest

from gui.core.declare.answers import Answer, Answers
from gui.core.declare.edits import cleaned
from gui.core.declare.moment import Moment
from gui.core.state.document import DataRef, Opened
from gui.core.state.scores import Override
from gui.pages.topk.compute.catalogue import Catalogue, Chosen, Detail, catalogue, compared
from gui.pages.topk.compute.inputs import InputSpec, Spec
from gui.pages.topk.compute.outputs import Kept
from gui.pages.topk.compute.scores import Dragged, Load, make_scores
from gui.pages.topk.contents import PAGE
from gui.pages.topk.numbers import NotANumber, numbers_text, parse_numbers
from gui.pages.topk.screen.points import with_point

MATRIX = DataRef("/a.npy", "a", (3, 5), "float64")
VECTOR = DataRef("/b.npy", "b", (7,), "float64")


def moment(ref=None, count=None, **fields):
    """Return the page with an array selected; ``count`` scores and the operators are known."""
    answers = Answers()
    given = {} if ref is None else {Opened: Opened(ref)}
    now = Moment(PAGE, dataclasses.replace(PAGE.state(), **fields), given, answers)
    if count is not None:
        spec = now.look(Spec)
        scores = make_scores(spec, np.arange(float(count)))
        for step, value in ((Load, scores), (Catalogue, catalogue())):
            question = tuple(now.args(step).values())
            answers.put((step, None), Answer(question, now.subject, value))
    return now.afresh()


def test_override_counts_only_while_its_array_is_selected():
    override = Override(MATRIX, "ties")
    assert moment(MATRIX, override=override).look(Spec).kind == "ties"
    assert moment(VECTOR, override=override).look(Spec).kind == "data"
    assert moment(VECTOR, override=override).look(Spec).ref == VECTOR


def test_the_page_is_about_its_input_not_about_moved_points():
    before = moment(MATRIX, 5)
    edits = with_point(None, before.look(Load), 2, 9.0)
    moved = moment(MATRIX, 5, edits=edits)
    assert moved.look(Dragged).values[2] == 9.0
    assert moved.subject == before.subject
    assert moment(MATRIX, position=1).subject != before.subject
    assert moment(VECTOR).subject != before.subject


def test_moved_points_count_only_for_the_input_they_were_made_on():
    edits = with_point(None, moment(MATRIX, 5).look(Load), 2, 4.5)
    assert edits.of(moment(MATRIX).look(Spec)) == ((2, 4.5),)
    assert edits.of(moment(VECTOR).look(Spec)) == ()
    assert moment(VECTOR, 7, edits=edits).look(Dragged).values[2] == 2.0


def test_position_beyond_the_array_means_its_last_line():
    assert moment(MATRIX, position=40).look(Spec).position == 2
    assert moment(MATRIX, position=40, axis="column").look(Spec).position == 4


def test_a_vector_has_no_line():
    spec = moment(VECTOR, position=4, axis="column").look(Spec)
    assert (spec.axis, spec.position) == ("row", 0)


@pytest.mark.parametrize(
    ("k", "count", "operators", "expected"),
    [
        (8.0, 5, ("hard",), 5),
        (2.5, 9, ("exp",), 2.5),
        (2.4, 9, ("hard", "exp"), 2),
        (-1.0, 9, ("hard",), 0),
    ],
)
def test_k_in_force_stays_within_the_scores(k, count, operators, expected):
    now = moment(VECTOR, count, k=k, operators=operators)
    assert now.look(Kept.k) == expected
    assert now.state.k == k, "what the person asked for comes back when the limit goes"


def test_focus_is_always_one_of_the_compared_operators():
    assert moment(count=9, operators=("hard", "clip"), focus="sigmoid").look(Detail.focus) == "clip"
    assert moment(count=9, operators=("hard",), focus="grad").look(Detail.focus) == "hard"
    assert moment(count=9, operators=("hard", "exp"), focus="exp").look(Detail.focus) == "exp"


def test_operators_of_a_session_that_there_are_none_of_are_left_out():
    now = moment(count=9, operators=("grad", "no such", "hard"))
    assert now.look(compared) == ("hard", "grad")
    assert now.look(Chosen.operators) == ("grad", "no such", "hard")


def test_state_is_hashable_and_simple():
    state = dataclasses.replace(PAGE.state(), override=Override(MATRIX, "pasted", (1.0, 2.0)))
    assert isinstance(hash(state), int)


def test_numbers_of_a_session_come_into_their_ranges():
    wild = {"count": 0, "seed": 10**9, "position": -3, "k": float("nan"), "tau": -4.0}
    wild |= {"softness": 7.0, "column": -9, "jacobian_mode": "none", "comparison": "none"}
    state = cleaned(PAGE, dataclasses.replace(PAGE.state(), **wild))
    found = {name: getattr(state, name) for name in wild}
    assert found == {
        "count": 1,
        "seed": 9999,
        "position": 0,
        "k": 8.0,
        "tau": 0.001,
        "softness": 1.0,
        "column": -1,
        "jacobian_mode": "matrix",
        "comparison": "tau",
    }


def test_a_point_dragged_back_is_no_edit():
    base = make_scores(InputSpec("pasted"), np.array([3.0, 1.0, 2.0]))
    moved = with_point(with_point(None, base, 2, 0.5), base, 0, 4.0)
    assert moved.points == ((0, 4.0), (2, 0.5))
    assert with_point(moved, base, 0, 3.0).points == ((2, 0.5),)
    assert with_point(with_point(moved, base, 0, 3.0), base, 2, 2.0) is None


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
