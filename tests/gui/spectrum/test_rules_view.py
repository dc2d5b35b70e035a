"""The rank consensus: what every rule says, clicked and typed over, and where they agree."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.spectrum import RANK_RULES
from gui.pages.spectrum.compute.rules import RuleRow, agreement
from tests.support.known import sigma_of

RULE, RANK, PARAMETER, REASON = 0, 1, 2, 6


def rules_of(page):
    return page.page.tables["spectrum.rules"].table


def row_of(page, key):
    """The row of a rule."""
    return next(
        row
        for row, cells in enumerate(page.page.tables["spectrum.rules"].texts())
        if cells[RULE] == RANK_RULES[key].title
    )


def click_cell(page, row, column):
    table = rules_of(page)
    spot = table.visualItemRect(table.item(row, column)).center()
    page.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    page.settle()


def type_value(page, key, text):
    """Double click the parameter of a rule and type another one."""
    table, row = rules_of(page), row_of(page, key)
    table.scrollToItem(table.item(row, PARAMETER))
    spot = table.visualItemRect(table.item(row, PARAMETER)).center()
    page.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    page.qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    editor = table.viewport().findChild(QLineEdit)
    editor.selectAll()
    page.qtbot.keyClicks(editor, text)
    with page.qtbot.waitSignal(page.page.tables["spectrum.rules"].typed):
        page.qtbot.keyClick(editor, Qt.Key.Key_Return)
    page.settle()


def test_every_rule_is_a_row_and_a_cursor(page, matrix):
    page.show("m", matrix)
    page.tab("rules")
    table = rules_of(page)
    assert table.rowCount() == len(RANK_RULES)
    ranks = set()
    for row, rule in enumerate(RANK_RULES.values()):
        assert table.item(row, RULE).text() == rule.title
        ranks.add(int(table.item(row, RANK).text()))
    drawn = {int(c.value) for c in page.figure("values").cursors if c.key.startswith("rule")}
    assert drawn == ranks
    lines = [c for c in page.figure("values").cursors if c.key.startswith("rule")]
    assert sorted(name for line in lines for name in line.names) == sorted(
        rule.title for rule in RANK_RULES.values()
    )
    # Their names do not fit beside their lines: the legend says which numbers they have.
    plot = page.plot("values")
    listed = [name.partition("\u00a0") for name in plot.legend_entries() if "\u00a0" in name]
    assert sorted(name for _, _, name in listed) == sorted(
        rule.title for rule in RANK_RULES.values()
    )
    assert {number for number, _, _ in listed} == {str(n + 1) for n in range(len(lines))}
    assert [span.key for span in page.figure("values").spans] == ["agreement"]
    page.tab("reconstruction")
    assert [c.key for c in page.figure("values").cursors] == ["rank"]


def test_rule_clicked_moves_the_rank_line_and_undo_takes_it_back(page, matrix):
    page.show("m", matrix)
    page.tab("rules")
    row = row_of(page, "energy")
    expected = int(rules_of(page).item(row, RANK).text())
    energy = np.cumsum(sigma_of(matrix) ** 2) / np.sum(sigma_of(matrix) ** 2)
    assert expected == int(np.argmax(energy >= 0.9)) + 1
    click_cell(page, row, RULE)
    assert page.state.rank == expected
    assert page.cursor("values", "rank").value == expected
    page.store.undo()
    assert page.state.rank == 8


def test_rule_parameter_typed_moves_its_rank(page, matrix):
    page.show("m", matrix)
    page.tab("rules")
    type_value(page, "energy", "0.99")
    energy = np.cumsum(sigma_of(matrix) ** 2) / np.sum(sigma_of(matrix) ** 2)
    row = row_of(page, "energy")
    wanted = int(np.argmax(energy >= 0.99)) + 1
    assert int(rules_of(page).item(row, RANK).text()) == wanted
    page.store.undo()
    page.settle()
    assert page.state.rule_values == ()


def test_rule_parameters_replace_one_another_and_return_to_the_default(page, matrix):
    page.show("m", matrix)
    page.tab("rules")
    type_value(page, "energy", "0.5")
    type_value(page, "energy", "0.7")
    assert page.state.rule_values == (("energy", 0.7),)
    type_value(page, "relative", "0.1")
    assert page.state.rule_values == (("energy", 0.7), ("relative", 0.1))
    type_value(page, "energy", "auto")
    type_value(page, "relative", " ")
    assert page.state.rule_values == ()
    assert page.page.tables["spectrum.rules"].error.text() == ""


@pytest.mark.parametrize(
    ("text", "words"), [("nonsense", "not a number"), ("1.5", "within"), ("-1", "within")]
)
def test_nonsense_as_rule_parameter_is_refused_in_words(page, matrix, text, words):
    page.show("m", matrix)
    page.tab("rules")
    type_value(page, "energy", text)
    assert words in page.page.tables["spectrum.rules"].error.text()
    assert page.state.rule_values == ()


def test_rules_do_not_scroll_sideways_in_a_narrow_page(page):
    page.show("m", np.random.default_rng(0).normal(size=(30, 20)))
    page.tab("rules")
    page.window.resize(900, 640)
    page.window.setSizes([560, 300])
    page.settle()
    table = rules_of(page)
    assert page.view.width() < 640
    page.wait(lambda: table.horizontalScrollBar().maximum() == 0, 1000)
    reason = table.item(0, REASON)
    assert reason.toolTip() == reason.text()


def made(*ranks, certain=True):
    return tuple(
        RuleRow(f"rule{place}", "Rule", "", "", rank, "", certain, 0.0, 0.0)
        for place, rank in enumerate(ranks)
    )


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((3, 3, 3, 2, 99, 160, 192, 192, 54, 71), (2, 3, 4)),  # noise against energy
        ((8, 8, 8, 8), (8, 8, 4)),
        ((10, 12, 15, 40, 50, 58), (40, 58, 3)),  # of equal camps the narrower: 59/41 < 16/11
        ((0, 0, 0, 7), (0, 0, 3)),
        ((1, 10, 100, 1000), None),
        ((5, 5), None),
        ((None, None, 4, 4, 4), (4, 4, 3)),
    ],
)
def test_agreement_is_the_camp_with_most_rules(ranks, expected):
    assert agreement(made(*ranks)) == expected


def test_agreement_leaves_out_rules_that_are_not_certain():
    assert agreement(made(4, 4, 4, certain=False)) is None


# -- copied as code ---------------------------------------------------------------------------


@pytest.fixture
def shown(page):
    rng = np.random.default_rng(3)
    values = rng.standard_normal((20, 4)) @ rng.standard_normal((4, 12)) * 5
    values += rng.standard_normal(values.shape)
    page.show("m", values)
    return values


@pytest.fixture
def copied(page):
    """Choose an entry of the menu; return what is on the clipboard and what was said."""

    def copy(title):
        said = []
        screen = page.page
        told = lambda words, _: said.append(words)  # noqa: E731
        screen.context = dataclasses.replace(screen.context, notify=told)
        actions = {one.text().replace("&", ""): one for one in screen.code_button.menu().actions()}
        actions[f"Copy as {title}"].trigger()
        return QApplication.clipboard().text(), said

    return copy


def run(code, values):
    places: dict = {}
    exec(code, places)
    return places["truncated"](values)


def test_factors_at_a_rank_chosen_by_hand(page, shown, copied, capsys):
    page.store.replace("spectrum", label="rank", rank=3)
    page.settle()
    code, said = copied("NumPy")
    assert said == ["Copied the factors of rank 3 as NumPy."]
    u, s, vh = run(code, shown)
    best = np.linalg.svd(shown)
    np.testing.assert_allclose((u * s) @ vh, (best[0][:, :3] * best[1][:3]) @ best[2][:3])


def test_the_rule_that_was_clicked_chooses_in_the_code_until_the_rank_moves(
    page, shown, copied, capsys
):
    page.tab("rules")
    page.settle()
    page.page._choose_rule("energy")
    page.settle()
    code, said = copied("NumPy")
    assert said == ["Copied Energy share with its factors as NumPy."]
    assert run(code, shown)[1].size == page.store["spectrum"].rank
    assert run(code, np.eye(10))[1].size == 9  # 90 % of ten equal parts: the rule, not the rank
    page.store.replace("spectrum", label="rank", rank=page.store["spectrum"].rank + 1)
    page.settle()
    assert "the factors of rank" in copied("PyTorch (with gradient)")[1][0]


def test_a_number_typed_for_a_rule_is_the_default_of_its_code(page, shown, copied, capsys):
    page.tab("rules")
    page.settle()
    page.page._type_rule_value("energy", "0.5")
    page.settle()
    page.page._choose_rule("energy")
    page.settle()
    assert "target=0.5" in copied("JAX (with gradient)")[0]


def test_rank_0_says_why_there_is_no_code(page, shown):
    page.store.replace("spectrum", label="rank", rank=0)
    page.settle()
    assert not page.page.code_button.isEnabled()
    assert "Rank 0" in page.page.code_button.toolTip()
