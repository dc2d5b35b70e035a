"""Soft truncation against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.topk import OPERATORS
from gui.core.words.lowered import written
from tests.support.known import sigma_of


def test_the_formula_of_the_operator_stands_under_it(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    formula = page.controls.tips["operator"]
    for operator in OPERATORS[:3]:
        page.choose(page.controls.choices["operator"], operator.key)
        assert formula.isVisible()
        said = written(str(operator.formula)), str(operator.source)
        assert (formula.text(), formula.toolTip()) == said
    page.tab("error")
    assert not formula.isVisible()


def test_soft_truncation_of_every_operator(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    s = sigma_of(matrix)
    for operator in OPERATORS:
        page.store.replace("spectrum", label="operator", operator=operator.key, tau=0.1)
        page.settle()
        mask = operator(s / s[0], 8.0, tau=0.1)
        assert_allclose(page.curve("filter", "soft").y, mask, rtol=0, atol=1e-9)
        error = np.linalg.norm((1 - mask) * s) / np.linalg.norm(s)
        assert_allclose(page.curve("soft_k", "now").y[0], error, rtol=1e-9)
        assert page.controls.choices["operator"].value() == operator.key
        broken = "lost all digits" in page.figure("filter").note
        assert broken == bool(np.isnan(mask).any())
    floor = np.linalg.norm(s[8:]) / np.linalg.norm(s)
    assert page.curve("soft_tau", "floor").y[0] == pytest.approx(floor, rel=1e-9)


def test_errors_along_k_and_tau_are_those_of_the_other_one_in_force(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    s, sigmoid = sigma_of(matrix), OPERATORS[2]
    assert sigmoid.key == "sigmoid"

    def error(k, tau):
        return np.linalg.norm((1 - sigmoid(s / s[0], k, tau=tau)) * s) / np.linalg.norm(s)

    page.type_number(page.controls.numbers["rank"], "5")
    page.type_number(page.controls.numbers["tau"], "0.3")
    along_k, along_tau = page.curve("soft_k", "soft"), page.curve("soft_tau", "soft")
    for place in (1, 7, 20):
        assert along_k.y[place] == pytest.approx(error(along_k.x[place], 0.3), rel=1e-9)
        assert along_tau.y[place] == pytest.approx(error(5.0, along_tau.x[place]), rel=1e-9)
    page.type_number(page.controls.numbers["tau"], "0.7")
    assert page.curve("soft_tau", "soft").y is along_tau.y, "it does not depend on tau"
    again = page.curve("soft_k", "soft")
    assert again.y[7] == pytest.approx(error(again.x[7], 0.7), rel=1e-9)


def test_k_follows_the_rank_until_it_is_dragged(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    page.type_number(page.controls.numbers["rank"], "5")
    assert page.cursor("filter", "k").value == 5.0
    page.drag("filter", 5, 8, 12)
    assert page.state.rank == 5
    assert page.state.k == pytest.approx(12, abs=0.3)
    assert not page.controls.toggles["k_follows"].value()
    page.store.undo()
    assert page.controls.toggles["k_follows"].value()


def test_tau_dragged_on_its_curve_moves_the_control(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    page.drag("soft_tau", page.state.tau, 0.1, 0.5)
    assert page.state.tau == pytest.approx(0.5, rel=0.1)
    assert page.controls.numbers["tau"].value() == page.state.tau


def test_soft_views_say_which_operator_and_at_what(page, matrix):
    page.show("m", matrix)
    page.tab("soft")
    page.settle()
    titles = [page.figure(key).title for key in page.plots_of("soft")]
    assert titles == [
        "Filter: Sigmoid threshold",
        "By k: Sigmoid threshold, τ = 0.02 σ₁",
        "By τ: Sigmoid threshold, k = 8",
    ]
