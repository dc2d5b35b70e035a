"""Spectrum: no plot shows what was computed for other data than it names."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from engine.spectrum import singular_values, soft_truncate
from tests.support import window_widgets as seen
from tests.support.known import matrix, rank_part, sigma_of

SMALL, WIDE = (40, 30), (20, 25)
MATRICES = {"a.npy": matrix(1, *SMALL, top=3.0), "b.npy": matrix(2, *WIDE, top=7.0)}


@pytest.fixture
def spectrum(start):
    """Both matrices have been seen; a is shown."""
    driver = start("spectrum")
    driver.open(("a", MATRICES["a.npy"]), ("b", MATRICES["b.npy"]))
    return driver


def shown_matrix(figure):
    return MATRICES[figure.meta["source"]]


def see_both(driver, tab):
    """Look at a lower view of either matrix: what was computed is remembered."""
    driver.tab(tab)
    driver.select("b")
    driver.idle()
    driver.select("a")
    driver.idle()


def source(driver, plot):
    return driver.figure(f"spectrum.{plot}").meta["source"]


# -- density ------------------------------------------------------------------------------------


def check_density(driver):
    figure = driver.figure("spectrum.density")
    values = sigma_of(shown_matrix(figure))
    squared = "squared" in figure.x.label
    assert ("σ²" in figure.title) == squared
    top = values[0] ** 2 if squared else values[0]
    histogram = driver.series("spectrum.density", "histogram")
    assert histogram.x[-1] == pytest.approx(top)
    assert histogram.name.startswith(f"{values.size} values")


def test_m06_the_density_of_another_spectrum_is_not_shown_as_this_ones(spectrum, gates):
    see_both(spectrum, "Density")
    held = gates.hold("engine.spectrum.mp_edges", lambda shape, *_, **__: shape == WIDE)
    with spectrum.watching(lambda: check_density(spectrum)):
        spectrum.select("b")
        check_density(spectrum)
        # What was computed for b may be remembered: then nothing is asked.
        spectrum.wait(lambda: held.entered > 0 or source(spectrum, "density") == "b.npy")
        spectrum.turns()
        check_density(spectrum)
        toggle_log(spectrum)
        check_density(spectrum)
        held.open()
        spectrum.idle()
    assert spectrum.figure("spectrum.density").meta["source"] == "b.npy"
    assert spectrum.figure("spectrum.density").y.log


def toggle_log(driver):
    """Ask for another look of what is on its way: the plot is drawn again from what is there."""
    driver.qtbot.mouseClick(driver.log_buttons("spectrum.density")["y"], seen.LEFT)
    driver.turns()


def test_m06_the_density_of_another_quantity_is_not_shown_as_this_ones(spectrum, gates):
    spectrum.tab("Density")
    held = gates.hold("engine.spectrum.mp_edges")
    with spectrum.watching(lambda: check_density(spectrum)):
        spectrum.choose("Show", "squares σ²", wait=False)
        check_density(spectrum)
        spectrum.wait(lambda: held.entered > 0)
        spectrum.turns()
        toggle_log(spectrum)
        check_density(spectrum)
        held.open()
        spectrum.idle()
    assert "σ²" in spectrum.figure("spectrum.density").title


# -- soft truncation ----------------------------------------------------------------------------


def check_soft(driver):
    figure = driver.figure("spectrum.filter")
    values = sigma_of(shown_matrix(figure))
    mask, scores = (driver.series("spectrum.filter", key) for key in ("soft", "scores"))
    assert mask.y.shape == scores.y.shape == values.shape
    assert_allclose(scores.y, values / values[0], rtol=1e-9)
    found = soft_of(figure, float(figure.meta["k"]), float(figure.meta["tau"]))
    assert_allclose(mask.y, found.filter, rtol=1e-6, atol=1e-12)


def soft_of(figure, k, tau):
    spectrum = singular_values(shown_matrix(figure))
    return soft_truncate(spectrum, figure.meta["operator"], k, tau, relative=True)


def test_m07_the_soft_mask_of_another_matrix_is_not_shown_over_this_one(spectrum, gates):
    see_both(spectrum, "Soft truncation")
    held = gates.hold(
        "engine.spectrum.soft_truncate", lambda s, *_, **__: s.values.size == min(WIDE)
    )
    with spectrum.watching(lambda: check_soft(spectrum)):
        spectrum.select("b")
        check_soft(spectrum)
        spectrum.wait(lambda: held.entered > 0 or source(spectrum, "filter") == "b.npy")
        spectrum.turns()
        held.open()
        spectrum.idle()
    assert spectrum.figure("spectrum.filter").meta["source"] == "b.npy"


def check_sweep(driver):
    """The curve along k, where it is drawn, belongs to the operator and tau the plot names."""
    figure = driver.figure("spectrum.soft_k")
    curve = driver.series("spectrum.soft_k", "soft")
    if curve is None:
        return False
    total = np.linalg.norm(shown_matrix(figure))
    for place in (3, 8, 15):
        found = soft_of(figure, float(curve.x[place]), float(figure.meta["tau"]))
        assert curve.y[place] == pytest.approx(found.frobenius_error / total, rel=1e-6)
    return True


def test_m09_the_sweep_of_another_operator_is_not_shown_as_this_ones(spectrum, gates):
    spectrum.tab("Soft truncation")
    assert check_sweep(spectrum)
    # The sweep begins at k = 0; the mask itself is asked for at the present k.
    held = gates.hold(
        "engine.spectrum.soft_truncate",
        lambda s, operator, k, *_, **__: getattr(operator, "key", operator) == "exp" and k == 0.0,
    )
    with spectrum.watching(lambda: check_sweep(spectrum)):
        spectrum.choose("Operator", "Exponential threshold", wait=False)
        spectrum.wait(lambda: held.entered > 0)
        spectrum.turns()
        check_sweep(spectrum)
        held.open()
        spectrum.idle()
    assert check_sweep(spectrum)
    assert spectrum.figure("spectrum.soft_k").meta["operator"] == "exp"


# -- pictures of singular vectors ---------------------------------------------------------------


def check_pair(driver):
    for key in ("u", "v"):
        figure = driver.figure(f"spectrum.{key}")
        left, _, right = np.linalg.svd(shown_matrix(figure), full_matrices=False)
        place = int(figure.meta["pair"]) - 1
        truth = left[:, place] if key == "u" else right[place]
        drawn = driver.series(f"spectrum.{key}", key).y
        assert drawn.shape == truth.shape
        assert abs(drawn @ truth) == pytest.approx(1.0)


def test_m08_the_singular_pair_of_another_matrix_is_not_shown_as_this_ones(spectrum):
    see_both(spectrum, "Vectors")
    for name in ("b", "a"):
        with spectrum.watching(lambda: check_pair(spectrum)):
            spectrum.select(name)
            check_pair(spectrum)
            spectrum.idle()
        assert spectrum.figure("spectrum.u").meta["source"] == f"{name}.npy"


def check_rank_picture(driver):
    for key in ("approximation", "residual"):
        figure = driver.figure(f"spectrum.{key}")
        a = shown_matrix(figure)
        part = rank_part(a, int(figure.meta["rank"]))
        drawn = driver.image(f"spectrum.{key}")
        assert_allclose(drawn, part if key == "approximation" else a - part, rtol=0, atol=1e-12)
        rows, columns = a.shape
        assert figure.images[0].extent == (-0.5, columns - 0.5, -0.5, rows - 0.5)


def test_held_rank_pictures_of_another_matrix_are_not_shown_as_this_ones(spectrum):
    see_both(spectrum, "Reconstruction")
    for name in ("b", "a"):
        with spectrum.watching(lambda: check_rank_picture(spectrum)):
            spectrum.select(name)
            check_rank_picture(spectrum)
            spectrum.idle()
        assert spectrum.figure("spectrum.residual").meta["source"] == f"{name}.npy"


# -- rank rules ---------------------------------------------------------------------------------

RULE, PARAMETER = 0, 2


def type_share(driver, text):
    """Double-click the number of the energy rule, type another one."""
    table = driver.table("Rank rules")
    row = energy_row(table)
    place = table.visualItemRect(table.item(row, PARAMETER)).center()
    driver.qtbot.mouseClick(table.viewport(), seen.LEFT, pos=place)
    driver.qtbot.mouseDClick(table.viewport(), seen.LEFT, pos=place)
    editor = seen.visible(table.viewport(), QLineEdit)[0]
    editor.selectAll()
    driver.qtbot.keyClicks(editor, text)
    driver.qtbot.keyClick(editor, Qt.Key.Key_Return)


def energy_row(table):
    titles = [table.item(row, RULE).text() for row in range(table.rowCount())]
    return next(row for row, title in enumerate(titles) if "energy" in title.casefold())


def shown_share(driver):
    table = driver.table("Rank rules")
    return table.item(energy_row(table), PARAMETER).text()


def test_m14_an_overtaken_answer_about_rules_is_not_shown(spectrum, gates):
    spectrum.tab("Rank rules")
    first, second = (
        gates.hold(
            "engine.spectrum.RankRule.__call__",
            lambda rule, *_, share=share, **given: rule.key == "energy" and share in given.values(),
        )
        for share in (0.5, 0.75)
    )
    type_share(spectrum, "0.5")
    spectrum.wait(lambda: first.entered > 0)
    type_share(spectrum, "0.75")
    shown = set()
    with spectrum.watching(lambda: shown.add(shown_share(spectrum))):
        first.open()
        spectrum.wait(lambda: second.entered > 0)
        spectrum.turns()
        second.open()
        spectrum.idle()
    assert shown_share(spectrum) == "0.75"
    assert "0.5" not in shown
    assert dict(spectrum.store["spectrum"].rule_values) == {"energy": 0.75}


# -- cancelling ---------------------------------------------------------------------------------


def test_m15_after_an_overtaken_answer_the_newest_question_can_still_be_cancelled(spectrum, gates):
    spectrum.tab("Density")
    first, second = (
        gates.hold("engine.spectrum.mp_edges", lambda shape, noise, s=s, **__: noise == s)
        for s in (0.01, 0.02)
    )
    spectrum.type("Noise s (0: estimated)", "0.01", wait=False)
    spectrum.wait(lambda: first.entered > 0)
    spectrum.type("Noise s (0: estimated)", "0.02", wait=False)
    first.open()
    spectrum.wait(lambda: second.entered > 0)
    spectrum.turns()
    assert spectrum.runner.is_busy()
    spectrum.cancel()
    spectrum.wait(lambda: not spectrum.runner.is_busy())
    assert "cancelled" in spectrum.notice()
    second.open()
    spectrum.idle()
    assert "cancelled" in spectrum.notice()
    spectrum.press("Compute again")
    assert spectrum.notice() == ""
    assert spectrum.figure("spectrum.density").meta["noise"] == "0.02"
