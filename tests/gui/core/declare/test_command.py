"""Which commands a few letters find, and in which order."""

import pytest

from gui.core.declare.command import Entry, best_matches


def command(title, group="", words=""):
    return Entry(title, group, lambda: None, words=words)


COMMANDS = [
    command("Undo tau", "Edit"),
    command("Sigmoid threshold", "Operators", "sigmoid"),
    command("Insignificant", "Operators"),
    command("Rank rules", "Spectrum"),
    command("Dark", "Theme"),
    command("weights.npz", "Recent file", "/home/me/rank"),
]


def titles(query):
    return [one.title for one in best_matches(COMMANDS, query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sig", "Sigmoid threshold"),
        ("SIGM", "Sigmoid threshold"),
        ("sgm", "Sigmoid threshold"),
        ("thr", "Sigmoid threshold"),
        ("operators sig", "Sigmoid threshold"),
        ("dark", "Dark"),
        ("theme", "Dark"),
        ("npz", "weights.npz"),
    ],
)
def test_the_nearest_command_comes_first(query, first):
    assert titles(query)[0] == first


def test_titles_come_before_what_only_belongs_to_a_name():
    assert titles("rank") == ["Rank rules", "weights.npz"]


def test_every_word_must_be_found():
    assert titles("rank dark") == []
    assert titles("xyz") == []


def test_an_empty_query_keeps_everything_in_order():
    assert titles(" ") == [one.title for one in COMMANDS]
