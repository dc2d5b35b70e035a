"""Keywords and what is related, against the rules done by brute force."""

from __future__ import annotations

import dataclasses
import math
import random
import time

import pytest

from engine.errors import ArgumentError
from engine.search import Document, Index, Keyword, keywords, related
from engine.search.about import STOP_WORDS
from engine.search.pieces import FUNCTION_CHARACTERS, LAST_CHARACTERS, pieces
from engine.search.prose import prose
from tests.engine.search import reference


def words_of(found):
    return [one.word for one in found]


def test_keywords_are_tf_idf_over_words_of_letters():
    documents = [
        Document("a", "", "Low rank matrices", "The rank of a low noise xy 1234 matrices2", "rank"),
        Document("b", "", "Noise", "the matrices"),
        Document("c", "", "Spectrum"),
    ]
    f = {"low": 4, "rank": 6, "matrices": 4, "noise": 1}
    n = {"low": 1, "rank": 1, "matrices": 2, "noise": 2}
    want = {word: f[word] * math.log(3 / n[word]) for word in f}
    found = keywords(Index(documents), "a", limit=None)
    assert {one.word: one.weight for one in found} == pytest.approx(want, rel=1e-12)
    assert words_of(found) == ["rank", "low", "matrices", "noise"]
    assert keywords(Index(documents), "a", limit=2) == found[:2]
    assert keywords(Index(documents), "a", limit=0) == ()


def test_what_all_documents_hold_is_no_keyword():
    assert keywords(Index([Document("a", "", "Low rank 低秩 低秩")]), "a") == ()
    index = Index([Document("a", "", "Rank elm"), Document("b", "", "Rank ash")])
    assert words_of(keywords(index, "a")) == ["elm"]


def test_ten_keywords_are_given_the_heaviest_first():
    text = " ".join(f"word{chr(97 + i)} " * (i + 1) for i in range(15))
    index = Index([Document("a", "", "", text), Document("b", "", "")])
    found = keywords(index, "a")
    assert words_of(found) == ["word" + chr(97 + i) for i in range(14, 4, -1)]
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


@pytest.mark.parametrize("place", range(17))
def test_formulas_and_code_give_no_keywords(place):
    apart = [
        "$\\boldsymbol{x}$",
        "$$\\vert x\n\n\\vert$$",
        "\\(boldsymbol\\)",
        "\\[\nboldsymbol\n\\]",
        "\\begin{align*}\nboldsymbol &= 1\n\\end{align*}",
        "`boldsymbol`",
        "``boldsymbol ` boldsymbol``",
        "\n```python\nboldsymbol `x`\n```\n",
        "\n~~~\nboldsymbol\n~~~\n",
        "\n```\nboldsymbol never closed",
        "<!-- boldsymbol -->",
        '<span class="boldsymbol">',
        "[elm](https://boldsymbol.org/boldsymbol_(a))",
        "https://boldsymbol.org/boldsymbol?boldsymbol=1",
        "$a\nboldsymbol$",
        "\n   ```` boldsymbol\n```\nboldsymbol\n````\n",
        "\\begin{equation}boldsymbol\\end{equation}",
    ][place]
    text = f"Before alder {apart} birch after\n"
    cut = place == 9
    assert prose(text).split() == [
        "Before",
        "alder",
        *(["[elm]"] if place == 12 else []),
        *([] if cut else ["birch", "after"]),
    ]
    index = Index([Document("a", "", "alder", text), Document("b", "", "")])
    assert not [word for word in words_of(keywords(index, "a")) if "boldsymbol" in word]
    assert not [word for word in words_of(keywords(index, "a")) if "vert" in word]
    assert index.search("boldsymbol vert")  # what is no keyword is found all the same


@pytest.mark.parametrize("mark", ["\\(", "<!--", "\\begin{a}"])
def test_marks_that_nobody_closes_take_time_in_proportion(mark):
    def seconds(count):
        start = time.process_time()
        assert "alder" in prose(f"{mark} alder " * count)
        return time.process_time() - start

    # Four times the text: 4 times as long, not 16.
    assert min(seconds(2000) for _ in range(2)) < 8 * min(seconds(500) for _ in range(3))


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6",
        "alder ` birch\n\ncedar ` elm",
        "a $ b $ c",
        "a $ b$ c",
        "US$5,US$6",
        r"\$alder\$ and \`birch\`",
        "alder ` birch",
        "a < b and c > d",
        "a $b",
        "(alder) [birch] (cedar)",
        r"\\begin{never",
    ],
)
def test_prose_that_looks_like_it_stays(text):
    assert prose(text) == text


def test_stop_words_are_english_and_none_is_a_subject():
    assert {"the", "and", "with", "which", "this", "are"} <= STOP_WORDS
    assert all(word == word.lower() and len(word) > 2 for word in STOP_WORDS)
    assert not STOP_WORDS & {"rank", "top", "noise", "error", "random", "sum", "row", "low", "soft"}
    index = Index([Document("a", "", "What with the and these alder"), Document("b", "", "")])
    assert words_of(keywords(index, "a")) == ["alder"]


def plain_pieces(texts, rarity):
    """The rule, spelled out over whole texts of Han characters."""
    found = {}
    for text, weight in texts:
        for size in range(2, 7):
            for at in range(len(text) - size + 1):
                piece = text[at : at + size]
                if piece[0] not in FUNCTION_CHARACTERS and piece[-1] not in LAST_CHARACTERS:
                    found[piece] = found.get(piece, 0) + weight
    found = {piece: count for piece, count in found.items() if count >= 2}
    whole = {
        piece: count * rarity(piece)
        for piece, count in found.items()
        if not any(piece in o and len(o) > len(piece) and found[o] >= 0.75 * count for o in found)
    }
    kept = []
    first = {piece: min((i, t.find(piece)) for i, (t, _) in enumerate(texts) if piece in t)
             for piece in whole}  # fmt: skip
    order = sorted(whole, key=lambda p: (-whole[p], -len(p), first[p]))
    taken = set()
    for piece in order:
        spots = [
            (i, at, weight)
            for i, (text, weight) in enumerate(texts)
            for at in range(len(text) - len(piece) + 1)
            if text[at : at + len(piece)] == piece
        ]
        lost = sum(w for i, at, w in spots if {(i, at + j) for j in range(len(piece))} & taken)
        if any(piece in o or o in piece for o in kept) or lost >= 0.75 * found[piece]:
            continue
        kept.append(piece)
        taken |= {(i, at + j) for i, at, _ in spots for j in range(len(piece))}
    return [(piece, whole[piece]) for piece in kept]


def test_no_chinese_word_ends_as_a_place_or_with_随_but_may_begin_so():
    text = "误差随秩变化，误差随机，误差随秩。表中列出，在表中，图上，图上。中位数与中位数，随机。"
    assert dict(pieces([(text, 1)], lambda piece: 1.0)).keys() == {"误差", "中位数", "随机"}


@pytest.mark.parametrize("seed", range(6))
def test_chinese_pieces_follow_the_rule(seed):
    generator = random.Random(seed)
    for _ in range(5):
        texts = []
        for weight in (3, 1, 1):
            parts = [
                "低秩近似",
                "奇异值",
                "的",
                "位置",
                "分解",
                "在",
                "山",
                "注意力机制",
                "中",
                "随",
            ]
            texts.append(("".join(generator.choices(parts, k=generator.randrange(12))), weight))

        def rarity(piece):
            return 1.0 + sum(map(ord, piece)) % 3

        found = pieces(texts, rarity)
        assert dict(found) == dict(plain_pieces(texts, rarity)), texts
        assert [weight for _, weight in found] == sorted((w for _, w in found), reverse=True)
        kept = [piece for piece, _ in found]
        assert not [(a, b) for a in kept for b in kept if a != b and a in b]


CHINESE = {
    # whole words, not their parts; no function characters at the ends
    "置换不变性是关键。具有置换不变性的模型，置换不变性": ["置换不变性"],
    # said once is not enough, also where it says itself
    "低秩近似与误差": [],
    "偏好的词云，偏好和词云": ["偏好", "词云"],
    # a part that also stands alone much more often wins over what holds it
    "位置，位置，位置，位置，位置，位置，位置编码，位置编码": ["位置"],
    # 3/4 of the places are enough to be a part of a longer phrase
    "甲乙丙丁戊己庚辛壬癸子，" * 3 + "甲乙丙丁戊己，己庚辛壬癸子": ["甲乙丙丁戊己"],
    # a long phrase gives one piece, not one for each way to cut it
    "奇异值分解算法收敛。奇异值分解算法收敛": ["奇异值分解算"],
}


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_words_are_found_without_a_dictionary(text):
    # As many other documents as make every pair equally rare.
    index = Index([Document("a", "", "", text), Document("b", "", "")])
    assert sorted(words_of(keywords(index, "a"))) == sorted(CHINESE[text])


def test_chinese_words_that_only_meet_somewhere_both_stay():
    text = "相对位置，相对位置，相对位置，位置编码，位置编码，位置编码，相对位置编码"
    index = Index([Document("a", "", "", text), Document("b", "", "位置")])
    assert words_of(keywords(index, "a")) == ["相对位置", "位置编码"]
    # What two words have in common is none by itself where it begins with a function character.
    index.add(Document("a", "", "", "相对位置，绝对位置，相对位置，绝对位置"))
    assert words_of(keywords(index, "a")) == ["相对位置", "绝对位置"]


def test_a_title_counts_three_times_in_chinese_too():
    index = Index([Document("a", "", "低秩", "奇异"), Document("b", "", "秩")])
    assert {one.word: one.weight for one in keywords(index, "a")} == pytest.approx(
        {"低秩": 3 * math.log(2)}
    )


def test_a_chinese_word_is_as_rare_as_its_rarest_pair():
    others = [Document(str(i), "", "位置 编码") for i in range(3)]
    index = Index([Document("a", "", "", "位置编码，位置编码"), *others])
    assert keywords(index, "a") == (Keyword("位置编码", 2 * math.log(4 / 1)),)
    index.add(Document("b", "", "置编"))
    assert keywords(index, "a") == (Keyword("位置编码", 2 * math.log(5 / 2)),)


def test_related_asks_for_the_keywords_and_leaves_out_the_item():
    generator = random.Random(3)
    subjects = ["alder", "birch", "cedar", "elm", "hazel", "oak", "位置编码", "注意力", "白桦"]
    documents = [
        Document(str(i), "xy"[i % 2], " ".join(generator.choices(subjects, k=3)),
                 "，".join(generator.choices(subjects, k=30)))
        for i in range(15)
    ]  # fmt: skip
    index = Index(documents)
    for document in documents:
        query = " ".join(words_of(keywords(index, document.key)))
        want = [hit for hit in index.search(query, limit=None) if hit.key != document.key]
        assert related(index, document.key) == tuple(want[:5])
        assert related(index, document.key, limit=None) == tuple(want)
        alike = [hit for hit in want if index[hit.key].kind == "x"]
        assert related(index, document.key, 2, kinds=["x"]) == tuple(alike[:2])
        assert related(index, document.key, limit=0) == ()
    assert related(Index([Document("a", "", "elm")]), "a") == ()


def test_ten_keywords_ask_for_what_is_related():
    subjects = [f"subject{chr(97 + i)}" for i in range(12)]
    body = " ".join(" ".join([word] * (20 - i)) for i, word in enumerate(subjects))
    index = Index([Document("a", "", "", body), *(Document(word, "", word) for word in subjects)])
    assert {hit.key for hit in related(index, "a", limit=None)} == set(subjects[:10])


def test_related_items_are_about_the_same():
    index = Index(
        [
            Document("decay", "note", "Position and decay", "position encoding rope decay"),
            Document("rope", "note", "Rotary encoding", "rope turns pairs; position decay"),
            Document("noise", "note", "Noise", "singular values of noise"),
            Document("rank", "rule", "Rank by noise", "values above the noise"),
        ]
    )
    assert [hit.key for hit in related(index, "decay")] == ["rope"]
    assert [hit.key for hit in related(index, "noise")] == ["rank"]


@pytest.mark.parametrize("call", [keywords, related])
def test_a_document_must_be_there(call):
    index = Index([Document("a", "", "elm")])
    for wrong in ("b", None, 3):
        with pytest.raises(ArgumentError, match=r"^key = "):
            call(index, wrong)
    with pytest.raises(ArgumentError, match=r"^limit = "):
        call(index, "a", -1)


def test_a_keyword_is_a_frozen_record():
    assert [field.name for field in dataclasses.fields(Keyword)] == ["word", "weight"]
    assert Keyword("elm", 2) == Keyword("elm", 2.0)
    assert reference.split("elm") == ["elm"]
