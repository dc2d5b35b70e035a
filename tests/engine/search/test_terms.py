"""A text as words: against the definition, character by character."""

from __future__ import annotations

import random

import pytest

from engine.errors import ArgumentError
from engine.search import marked, terms
from tests.engine.search import reference

CASES = {
    "": [],
    " \n\t._-/": [],
    "model.layers.10/self_attn-q": ["model", "layers", "10", "self", "attn", "q"],
    "GradTopK": ["grad", "top", "k"],
    "HTMLParser2xSVD": ["html", "parser", "2", "x", "svd"],
    "rankRules ABC aBC Abc": ["rank", "rules", "abc", "a", "bc", "abc"],
    "f32 2048x4096 1e-6": ["f", "32", "2048", "x", "4096", "1", "e", "6"],
    "σ₁ Σ ς σmax λμ ∇": ["sigma", "1", "sigma", "sigma", "sigma", "max", "lambda", "mu"],
    "2 × 2 A×B 512×64": ["2", "x", "2", "a", "x", "b", "512", "x", "64"],
    "Ωμέγα": ["omega", "mu", "epsilon", "gamma", "alpha"],
    "ὦ ᾳ": ["omega", "alpha"],  # old accents have letters of their own
    "µ Ω ϵ 𝜎 𝐋": ["mu", "omega", "epsilon", "sigma", "l"],
    "ＲＡＮＫ　ｒａｎｋ": ["rank", "rank"],
    "x² ½ ①": ["x", "2", "1", "2", "1"],
    "Straße ﬁt ÉCOLE": ["strasse", "fit", "école"],
    "cafe\u0301 x\u0302": ["café", "x\u0302"],
    "don't": ["don", "t"],
    "低秩近似": ["低秩", "秩近", "近似"],
    "秩": ["秩"],
    "秩 r，秩": ["秩", "r", "秩"],
    "软Top-k算子": ["软", "top", "k", "算子"],
    "低\n秩": ["低", "秩"],
    "豈更": ["豈更"],  # compatibility ideographs
    "𠀀𠀁𠀂": ["𠀀𠀁", "𠀁𠀂"],
    "人々〇": ["人々", "々〇"],
    "カタカナ한글": ["カタカナ한글"],
    r"\boldsymbol{\sigma}": ["boldsymbol", "sigma"],
}
ALPHABET = "ὦaZbQKt1 29._-/σΣλΩάς低秩近似的，ÉßﬁＡｂ３\u0302İ가ひカd^{}$`\n²½𝜎🙂々"


@pytest.mark.parametrize("text", CASES)
def test_a_text_is_split_as_defined(text):
    assert terms(text) == CASES[text]
    assert reference.split(text) == CASES[text]


@pytest.mark.parametrize("seed", range(4))
def test_any_text_is_split_as_the_definition_says(seed):
    generator = random.Random(seed)
    for _ in range(400):
        text = "".join(generator.choices(ALPHABET, k=generator.randrange(12)))
        found = terms(text)
        assert found == reference.split(text), repr(text)
        assert terms(" ".join(found)) == found, repr(text)


MARKED = {
    ("GradTopK", "top"): ["Top"],
    ("GradTopK", "top k"): ["TopK"],
    ("low-rank, LOW", "low"): ["low", "LOW"],
    ("lower", "low"): [],
    ("矩阵的低秩近似", "低秩 秩近"): ["低秩近"],
    ("秩，低秩", "秩"): ["秩"],
    ("σ₁ and Σ", "sigma"): ["σ", "Σ"],
    ("x² ＲＡＮＫ ﬁt", "rank fit 2"): ["²", "ＲＡＮＫ", "ﬁt"],
    ("cafe\u0301s 1", "cafés"): ["cafe\u0301s"],
    ("½", "2"): ["½"],
    ("", "a"): [],
}


@pytest.mark.parametrize(("text", "words"), MARKED)
def test_what_matched_is_marked_where_it_stands(text, words):
    assert [text[start:end] for start, end in marked(text, words.split())] == MARKED[text, words]


def test_only_lists_of_words_are_marked():
    for words in ("low", None, [3]):
        with pytest.raises(ArgumentError, match=r"^words = "):
            marked("low", words)
    with pytest.raises(ArgumentError, match=r"^text = "):
        marked(None, ["low"])


@pytest.mark.parametrize("text", [None, 3, b"rank", ["rank"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ArgumentError, match=r"text = .* a text"):
        terms(text)
