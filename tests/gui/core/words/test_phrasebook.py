"""Sentences are recognised by their templates and said again; what is not known stays."""

import pytest

from gui.core.words.phrasebook import Phrasebook

BOOK = Phrasebook(
    {
        "there is no such file": "没有这个文件",
        "Check the name.": "请检查文件名。",
        "{count} values.": "{count} 个值。",
        "row {row} is bad": "第 {row} 行有误",
        "{path}: {problem:words}.": "{path}：{problem}。",
        "it holds {share}{before:words}.": "占比 {share}{before}。",
        ", rank {rank} holds {share}": "，秩 {rank} 为 {share}",
        "sum over {i≤r}": "对 {i≤r} 求和",
        "{what:words} = {cut}.": "{what} = {cut}。",
        "the cut": "阈值",
    }
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("there is no such file", "没有这个文件"),
        ("1,234 values.", "1,234 个值。"),
        ("a.npy: row 3 is bad.", "a.npy：第 3 行有误。"),
        # Neither a colon nor the end of a sentence in a value leads astray.
        (
            "C:/v1. x: y/a.npy: row 3 is bad. Check the name.",
            "C:/v1. x: y/a.npy：第 3 行有误。请检查文件名。",
        ),
        ("a.npy: row 3. 4 is bad. Check the name.", "a.npy：第 3. 4 行有误。请检查文件名。"),
        ("row 3. 4 is bad", "第 3. 4 行有误"),
        ("it holds 0.95.", "占比 0.95。"),
        ("it holds 0.95, rank 2 holds 0.7.", "占比 0.95，秩 2 为 0.7。"),
        ("the cut = 0.5. 3 values.", "阈值 = 0.5。3 个值。"),
        ("sum over {i≤r}", "对 {i≤r} 求和"),
        ("", ""),
        ("3 values.\nthere is no such file", "3 个值。\n没有这个文件"),
    ],
)
def test_known_sentences_are_translated(english, chinese):
    assert BOOK.say(english) == chinese


@pytest.mark.parametrize(
    "text", ["Nobody knows this.", "a.npy: something else.", "有 3 个值。", "{count} { } {0}", " "]
)
def test_unknown_sentences_stay_as_they_are(text):
    assert BOOK.say(text) == text


def test_unknown_sentences_do_not_keep_their_neighbours():
    said = BOOK.say("3 values. Nobody knows this. Check the name.")
    assert said == "3 个值。Nobody knows this. 请检查文件名。"


def test_copied_values_are_never_translated():
    assert (
        BOOK.say("there is no such file: row 7 is bad.") == "there is no such file：第 7 行有误。"
    )


def test_the_template_that_fixes_more_wins():
    book = Phrasebook(
        {"{first} of {second}": "宽 {first} {second}", "{rank} of all": "全部的 {rank}"}
    )
    assert book.say("3 of all") == "全部的 3"
