"""Sentences of the engine are said again from their templates and values."""

import pytest

from engine.errors import FileError
from engine.sentences import joined, listed, say
from gui.core.words import i18n
from gui.core.words.i18n import tr_sentence

TABLE = {
    "there is no such file": "没有这个文件",
    "Check the name.": "请检查文件名。",
    "{count:,} values.": "{count:,} 个值。",
    "row {row} is bad": "第 {row} 行有误",
    "{path}: {problem}.": "{path}：{problem}。",
    "it holds {share:.3g}{before}.": "占比 {share:.3g}{before}。",
    ", rank {rank} holds {share}": "，秩 {rank} 为 {share}",
    "sum over {i≤r}": "对 {i≤r} 求和",
    "{what} = {cut}.": "{what} = {cut}。",
    "the cut": "阈值",
    "the edge (s = {noise})": "边缘（s = {noise}）",
    "the rule {title!r}": "规则“{title}”",
    "Energy share": "能量占比",
    "{first}, {rest}": "{first}、{rest}",
}
BAD_ROW = say("row {row} is bad", row=3)


@pytest.fixture(autouse=True)
def _table(monkeypatch):
    monkeypatch.setattr(i18n, "_table", TABLE)


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("there is no such file", "没有这个文件"),
        (say("{count:,} values.", count=1234), "1,234 个值。"),
        (FileError("a.npy", BAD_ROW), "a.npy：第 3 行有误。"),
        # Neither a colon nor the end of a sentence in a value leads astray.
        (
            FileError("C:/v1. x: y/a.npy", BAD_ROW, "Check the name."),
            "C:/v1. x: y/a.npy：第 3 行有误。请检查文件名。",
        ),
        (say("it holds {share:.3g}{before}.", share=0.95, before=""), "占比 0.95。"),
        (
            say(
                "it holds {share:.3g}{before}.",
                share=0.95,
                before=say(", rank {rank} holds {share}", rank=2, share=0.7),
            ),
            "占比 0.95，秩 2 为 0.7。",
        ),
        (
            joined(say("{what} = {cut}.", what=say("the cut"), cut=0.5), say("Check the name.")),
            "阈值 = 0.5。请检查文件名。",
        ),
        # After full-width punctuation no blank follows.
        (
            say("{what} = {cut}.", what=say("the edge (s = {noise})", noise=1), cut=2),
            "边缘（s = 1）= 2。",
        ),
        (say("the rule {title!r}", title=say("Energy share")), "规则“能量占比”"),
        (say("sum over {i≤r}"), "对 {i≤r} 求和"),
        (listed([say("the cut"), "b", "c"]), "阈值、b、c"),
        ("", ""),
    ],
)
def test_known_sentences_are_translated(said, chinese):
    assert tr_sentence(said) == chinese


@pytest.mark.parametrize(
    "said",
    [
        "Nobody knows this.",
        say("Nobody knows {what}.", what=say("the cut")),
        "有 3 个值。",
        "{count} { } {0}",
        " ",
    ],
)
def test_unknown_sentences_stay_as_they_are(said):
    assert tr_sentence(said) == str(said)


def test_unknown_sentences_do_not_keep_their_neighbours():
    said = joined(say("{count:,} values.", count=3), "Nobody knows this.", "Check the name.")
    assert tr_sentence(said) == "3 个值。Nobody knows this. 请检查文件名。"


def test_copied_values_are_never_translated():
    said = FileError("there is no such file", say("row {row} is bad", row="the cut"))
    assert tr_sentence(said) == "there is no such file：第 the cut 行有误。"


def test_english_is_said_as_it_is(monkeypatch):
    monkeypatch.setattr(i18n, "_table", {})
    assert tr_sentence(FileError("a", "there is no such file")) == "a: there is no such file."
