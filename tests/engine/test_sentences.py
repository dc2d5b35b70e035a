"""A sentence is a string that keeps its template and values, wherever it travels."""

from __future__ import annotations

import copy
import pickle
import time

import numpy as np
import pytest

from engine.errors import ArgumentError, ConvergenceError, DataError, FileError
from engine.files.reading.entries import BadArray
from engine.jobs import checkpoint
from engine.sentences import Sentence, as_sentence, joined, listed, one_of, say
from engine.spectrum import RANK_RULES, Spectrum
from engine.topk import OPERATORS, check_laws

SAID = say("Rank {rank} holds {share:.3g} of {what}.", rank=2, share=0.98765, what=say("text"))


def trees(said):
    """The template with the values, all the way down."""
    if not isinstance(said, Sentence):
        return said
    values = {name: trees(value) for name, value in said.values.items()}
    return said.template, values, tuple(map(trees, said.parts))


def test_a_sentence_is_its_finished_english():
    assert SAID == "Rank 2 holds 0.988 of text."
    assert (str(SAID), f"{SAID}") == ("Rank 2 holds 0.988 of text.",) * 2
    assert hash(SAID) == hash("Rank 2 holds 0.988 of text.")
    assert type(str(SAID)) is str
    assert {SAID: 1}["Rank 2 holds 0.988 of text."] == 1


def test_templates_without_values_may_have_braces():
    formula = "smallest r with Σ_{i≤r} σᵢ ≥ t"
    assert say(formula) == say(formula).template == formula


@pytest.mark.parametrize("said", [SAID, joined(SAID, "", "Save it."), listed(["a", SAID, "c"])])
@pytest.mark.parametrize(
    "travel",
    [lambda said: pickle.loads(pickle.dumps(said)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_a_sentence_survives_travelling(said, travel):
    again = travel(said)
    assert type(again) is Sentence
    assert again == said
    assert trees(again) == trees(said)


def test_sentences_in_a_row_leave_out_empty_ones():
    assert joined("", SAID) is SAID
    assert joined("One.", "", SAID) == "One. Rank 2 holds 0.988 of text."
    assert joined("One.", SAID).parts == ("One.", SAID)
    assert joined() == ""


def test_a_plain_text_is_its_own_template():
    assert as_sentence("the table").template == "the table"
    assert as_sentence(SAID) is SAID
    assert one_of(["a", "b"]).values == {"names": "a, b"}


ERRORS = [
    ArgumentError("k", 3, "a number in [0, 2]", "Lower k."),
    ArgumentError("a", np.arange(100), "two-dimensional"),
    ArgumentError("key", "soft", one_of(["hard", "exp"])),
    ArgumentError("x", say("{count} scores are -inf", count=2), "an array"),
    DataError(say("{count} entries are bad.", count=2), 2, (0, 1)),
    FileError("a.npy", say("it has {count} axes", count=99), "Reshape it."),
    FileError("v1. a: b.npy", BadArray("it holds text", "Convert it.").sentence),
    ConvergenceError("It did not converge."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:20])
def test_errors_say_the_same_on_the_other_side_of_a_pipe(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error) == error.sentence
    assert trees(again.sentence) == trees(error.sentence)
    assert str(pickle.loads(pickle.dumps(again))) == str(error)


class Silent:
    def __repr__(self):
        raise RuntimeError("nothing to say")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (10**5000, hex(10**5000)[:77] + "..."),  # Python writes no more than 4300 digits
        ([-(10**5000), 1], f"[{hex(-(10**5000))}"[:77] + "..."),
        ([1] * 10**6, repr([1] * 80)[:77] + "..."),
        ("a" * 10**8, "'" + 76 * "a" + "..."),
        (bytearray(10**8), repr(bytearray(99))[:77] + "..."),
        (Silent(), "<Silent instance at "),
        ({"b": 1, "a": [2.5, None]}, "{'a': [2.5, None], 'b': 1}"),
    ],
    ids=["int", "list of int", "list", "str", "bytearray", "silent", "dict"],
)
def test_a_value_is_named_whatever_it_is_and_costs_no_more_than_its_message(value, said):
    error = ArgumentError("k", value, "a number")
    assert str(error).startswith(f"k = {said}")
    assert len(str(error)) < 130
    start = time.thread_time()
    str(ArgumentError("k", value, "a number"))
    assert time.thread_time() - start < 0.02


def test_errors_speak_english():
    assert list(map(str, ERRORS)) == [
        "k = 3 is not allowed: it must be a number in [0, 2]. Lower k.",
        f"a = {repr(np.arange(100))[:77]}... is not allowed: it must be two-dimensional.",
        "key = 'soft' is not allowed: it must be one of hard, exp.",
        "x = '2 scores are -inf' is not allowed: it must be an array.",
        "2 entries are bad.",
        "a.npy: it has 99 axes. Reshape it.",
        "v1. a: b.npy: it holds text. Convert it.",
        "It did not converge.",
    ]


class Told:
    cancelled = False

    def __init__(self):
        self.texts = []

    def report(self, fraction, text):
        self.texts.append(text)


class Loud:
    """A value that fails the test where it is looked at."""

    def __format__(self, spec):
        raise AssertionError("formatted though nobody asked")


def test_progress_is_put_into_words_only_where_it_is_told():
    told = Told()
    checkpoint(None, 0.5, "row {row} of {rows}", row=Loud(), rows=Loud())
    checkpoint(told, 0.5, "row {row} of {rows}", row=3, rows=6)
    checkpoint(told, 0.6, "Gram matrix")
    assert told.texts == ["row 3 of 6", "Gram matrix"]
    assert told.texts[0].template == "row {row} of {rows}"


def test_results_carry_their_templates():
    s = Spectrum(np.array([3.0, 2.0, 1.0]), (3, 3), "float64", "svd", 0.0, True, 14.0**0.5)
    assert "{rank}" in RANK_RULES["energy"](s).reason.template
    laws = check_laws(OPERATORS[1], [2.0, 1.0, 0.0], 1)
    assert any("{worst:" in as_sentence(law.sentence).template for law in laws)
