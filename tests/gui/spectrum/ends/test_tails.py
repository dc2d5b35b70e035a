"""The tail view: the laws drawn are those fitted, and the table says what decides."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.spectrum import TAIL_RIVALS, compare_tails, fit_power_law
from gui.core.declare.draw import draw_plot
from gui.pages.spectrum.contents import PAGE
from tests.support.every import of_array


def drawn(key, sigma):
    """What a plot of the tail view shows of a diagonal matrix."""
    given = of_array(np.diag(np.asarray(sigma, dtype=float)))
    return draw_plot(PAGE, f"spectrum.{key}", given, {}).drawn


POWER = np.sqrt((1.0 - np.random.default_rng(0).random(120)) ** (-1.0 / 1.5))
BOUNDED = np.linspace(1.0, 2.0, 120)


def test_curves_are_the_survival_of_the_fitted_laws_over_the_tail():
    figure = drawn("tail", POWER)
    fit = fit_power_law(POWER**2)
    curves = {one.key: one for one in figure.series}
    assert list(curves) == ["values", "power_law", *TAIL_RIVALS]
    values = curves["values"]
    assert_allclose(values.x, np.sort(POWER)[-fit.tail_size :], rtol=1e-12)
    assert_allclose(values.y, 1.0 - np.arange(fit.tail_size) / fit.tail_size, rtol=1e-14)
    law = curves["power_law"]
    expected = (law.x**2 / fit.x_min) ** (1.0 - fit.alpha)
    assert_allclose(law.numbers, expected, rtol=1e-9)
    for key in TAIL_RIVALS:
        assert_allclose(curves[key].numbers[0], 1.0, rtol=1e-12)
        assert (np.diff(curves[key].numbers) <= 0.0).all()
    assert (figure.x.log, figure.y.log) == (True, True)


def test_table_says_what_the_engine_says():
    table = drawn("tails", POWER)
    found = compare_tails(POWER**2)
    assert len(table.cells) == 1 + len(TAIL_RIVALS)
    for cells, (key, one) in zip(table.cells[1:], found.items(), strict=True):
        assert cells[0].text == TAIL_RIVALS[key].title
        numbers = [cell.value for cell in cells[2:5]]
        assert_allclose(numbers, [one.log_ratio, one.normalised, one.p_value], rtol=1e-6, atol=1e-9)
        verdict = {"power_law": "power law", key: "this law"}.get(one.favours, "undecided")
        assert cells[5].text == verdict


def test_conclusion_names_the_laws_that_win_or_lose():
    won = [key for key, one in compare_tails(POWER**2).items() if one.favours == "power_law"]
    titles = ", ".join(TAIL_RIVALS[key].title for key in won)
    assert won
    assert drawn("tail", POWER).note == f"The power law is likelier than: {titles}."
    better = [key for key, one in compare_tails(BOUNDED**2).items() if one.favours == key]
    assert better
    titles = ", ".join(TAIL_RIVALS[key].title for key in better)
    assert drawn("tail", BOUNDED).note == f"Likelier than a power law: {titles}."


@pytest.mark.parametrize(
    ("sigma", "reason"),
    [(np.ones(20), "no tail|equal"), (np.zeros(4), "only 0"), ([3.0, 2.0], "only 2")],
)
def test_without_a_tail_the_values_are_shown_with_the_reason(sigma, reason):
    figure = drawn("tail", sigma)
    assert [one.key for one in figure.series] == ["values"]
    assert figure.note.startswith("No power law is fitted: ")
    assert any(part in figure.note for part in reason.split("|"))
    (row,) = drawn("tails", sigma).cells
    assert row[-1].text in figure.note


def test_a_remark_has_a_column_only_where_there_is_one():
    titles = [column.title for column in drawn("tails", POWER).columns]
    assert "Remark" not in titles
    assert [column.title for column in drawn("tails", [3.0, 2.0]).columns][-1] == "Remark"
