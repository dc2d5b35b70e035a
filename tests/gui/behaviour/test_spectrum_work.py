"""Spectrum: what is computed, in which order, how often, and when it ends."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.support.known import matrix, sigma_of

A, B = matrix(1, 40, 30), matrix(2, 20, 25, top=7.0)


@pytest.fixture
def spectrum(start):
    return start("spectrum")


def values_of(driver):
    curve = driver.series("spectrum.values", "main")
    return None if curve is None else curve.y


def is_of(shape):
    return lambda a, *_, **__: np.shape(a) == shape


# -- order ------------------------------------------------------------------------------------


def test_m04_the_vectors_in_view_come_before_the_full_spectrum(spectrum):
    # So large that leading values come first, and the leading vectors are far cheaper than all
    # values; one of rank 40, so that the leading part is exact.
    rng = np.random.default_rng(3)
    large = rng.normal(size=(1280, 40)) @ rng.normal(size=(40, 1280))
    found = []

    def look():
        values = spectrum.figures().get("spectrum.values")
        complete = values is not None and values.series and not values.bands
        if complete and values.meta["source"] == "large.npy":
            found.append(spectrum.image("spectrum.approximation") is not None)

    spectrum.application.open_paths([spectrum.save("large", large)])
    with spectrum.watching(look):
        spectrum.wait(lambda: bool(found), timeout=60_000)
    assert found[0], "the pictures of the rank are there when all values are"


# -- data that cannot be computed ---------------------------------------------------------------


def test_m05_a_refused_matrix_computes_nothing_more(spectrum, gates):
    broken = A.copy()
    broken[7, 3] = np.nan
    gates.hold("engine.spectrum.singular_values", is_of(A.shape))
    gates.hold("engine.spectrum.svd_factors", is_of(A.shape))
    spectrum.application.open_paths([spectrum.save("broken", broken)])
    spectrum.wait(lambda: "1 NaN" in spectrum.notice())
    spectrum.wait(lambda: not spectrum.runner.is_busy())
    assert "row 7, column 3" in spectrum.notice()


def test_held_a_failure_is_said_and_the_last_good_spectrum_stays(spectrum):
    spectrum.open(("a", A))
    before = values_of(spectrum)
    failing = pytest.MonkeyPatch()
    with failing.context() as patch:

        def fail(*_arguments, **_options):
            raise ValueError("LAPACK gave up")

        patch.setattr("engine.spectrum.singular_values", fail)
        spectrum.choose("Method", "Gram matrix, float64")
        assert "LAPACK gave up" in spectrum.notice()
        assert values_of(spectrum) is before
        spectrum.type("Rank r", "5")
        assert_allclose(values_of(spectrum), sigma_of(A), atol=1e-15)
    spectrum.press("Compute again")
    assert spectrum.notice() == ""
    assert spectrum.figure("spectrum.values").meta["method"] == "gram"


def test_held_bad_entries_are_replaced_on_request_and_undo_takes_it_back(spectrum):
    broken = A.copy()
    broken[7, 3], broken[9, 1] = np.nan, np.inf
    spectrum.open(("broken", broken))
    assert "1 NaN, 1 +inf" in spectrum.notice()
    assert values_of(spectrum) is None
    spectrum.press("Replace by zero")
    zero = np.where(np.isfinite(broken), broken, 0.0)
    assert_allclose(values_of(spectrum), sigma_of(zero), atol=1e-14)
    spectrum.store.undo()
    spectrum.idle()
    assert "row 7, column 3" in spectrum.notice()
    spectrum.press("Replace by column mean")
    mean = np.where(np.isfinite(broken), broken, 0.0).sum(axis=0)
    mean /= np.isfinite(broken).sum(axis=0)
    repaired = np.where(np.isfinite(broken), broken, mean)
    assert_allclose(values_of(spectrum), sigma_of(repaired), atol=1e-14)
    spectrum.press("Take it back")
    assert "row 7, column 3" in spectrum.notice()


# -- pinned spectra -----------------------------------------------------------------------------


@pytest.fixture
def pinned(start):
    """A session in which a is pinned and b is shown, closed again; returns how to go on."""
    first = start("spectrum", autosave=True)
    first.open(("a", A), ("b", B))
    first.press("Pin this spectrum")
    first.select("b")
    first.idle()
    assert overlay(first) is not None
    first.close()
    return lambda: start("spectrum", autosave=True)


def overlay(driver):
    return driver.series("spectrum.values", "overlay0")


def test_pinned_spectra_are_computed_again_in_the_next_session(pinned):
    again = pinned()
    again.wait(lambda: overlay(again) is not None)
    assert_allclose(overlay(again).y, sigma_of(A), atol=1e-14)
    assert_allclose(values_of(again), sigma_of(B), atol=1e-14)


def test_m10_a_spectrum_taken_off_the_comparison_is_not_computed_to_its_end(pinned, gates):
    held = gates.hold("engine.spectrum.singular_values", is_of(A.shape))
    again = pinned()
    again.wait(lambda: held.entered > 0)
    again.press("Remove a.npy", wait=False)
    again.wait(lambda: not again.runner.is_busy())
    again.idle()
    held.open()
    again.turns()
    assert overlay(again) is None
    assert_allclose(values_of(again), sigma_of(B), atol=1e-14)


def test_m11_a_pinned_spectrum_that_cannot_be_computed_is_asked_for_once(pinned, gates, tmp_path):
    broken = A.copy()
    broken[0, 0] = np.nan
    np.save(tmp_path / "a.npy", broken)
    calls = gates.count("engine.spectrum.singular_values")
    again = pinned()
    again.wait(lambda: "a.npy cannot be compared" in again.message())
    again.idle()
    again.type("Rank r", "3")
    again.tab("Density")
    again.select("b")
    again.idle()
    asked = [np.shape(call[0]) for call in calls.made]
    assert asked.count(A.shape) == 1


# -- not twice, not unseen ----------------------------------------------------------------------


def test_m16_only_what_has_changed_is_drawn_again(spectrum):
    spectrum.open(("a", A))
    spectrum.tab("Error vs rank")

    def redrawn(change):
        before = spectrum.figures()
        change()
        after = spectrum.figures()
        assert after.keys() == before.keys()
        return {key.removeprefix("spectrum.") for key in after if after[key] is not before[key]}

    assert redrawn(lambda: spectrum.tick("Relative to the norms")) == {"error"}
    assert redrawn(lambda: spectrum.choose("Picture", "block extremes")) == {"matrix"}
    assert redrawn(lambda: spectrum.tick("Logarithmic x")) == {"values"}
    assert redrawn(lambda: spectrum.type("Rank r", "4")) == {"values", "error"}
    spectrum.tab("Density")
    assert redrawn(lambda: spectrum.type("Bars (0: automatic)", "9")) == {"density"}
    assert redrawn(lambda: spectrum.type("Rank r", "5")) == {"values"}
    spectrum.tab("2 × 2 geometry")
    assert redrawn(lambda: spectrum.type("Stage", "1.5")) == {"geometry"}
    assert redrawn(lambda: spectrum.application.store.replace("topk", label="k", k=2.0)) == set()


def test_held_going_back_to_a_matrix_computes_nothing(spectrum, gates):
    spectrum.open(("a", A), ("b", B))
    for name in ("b", "a"):
        spectrum.select(name)
        spectrum.idle()
    calls = [gates.count(f"engine.spectrum.{name}") for name in ("singular_values", "svd_factors")]
    for name, truth in (("b", B), ("a", A)):
        spectrum.select(name)
        spectrum.idle()
        assert_allclose(values_of(spectrum), sigma_of(truth), atol=1e-14)
    assert [len(one) for one in calls] == [0, 0]


def test_held_another_method_computes_the_values_anew(spectrum, gates):
    spectrum.open(("a", A))
    assert spectrum.figure("spectrum.values").meta["method"] == "svd"
    calls = gates.count("engine.spectrum.singular_values")
    spectrum.choose("Method", "direct SVD")
    assert len(calls) == 1
    assert spectrum.readout("Matrix", "Method") == "direct SVD"
    spectrum.choose("Method", "Gram matrix, float64")
    assert len(calls) == 2
    assert spectrum.figure("spectrum.values").meta["method"] == "gram"
    assert "Gram" in spectrum.readout("Matrix", "Method")


def test_held_the_old_values_stay_until_those_of_another_method_are_there(spectrum, gates):
    spectrum.open(("a", A))
    held = gates.hold("engine.spectrum.singular_values")
    spectrum.choose("Method", "Gram matrix, float64", wait=False)
    spectrum.wait(lambda: held.entered > 0)
    spectrum.turns()
    assert_allclose(values_of(spectrum), sigma_of(A), atol=1e-15)
    held.open()
    spectrum.idle()
    assert spectrum.figure("spectrum.values").meta["method"] == "gram"


def test_held_a_rank_that_moves_asks_for_no_new_decomposition(spectrum, gates):
    spectrum.open(("a", A))
    calls = [
        gates.count(f"engine.spectrum.{name}")
        for name in ("singular_values", "svd_factors", "leading_singular_values")
    ]
    spectrum.slide("Rank r", 0.1, 0.1, 0.1)
    assert spectrum.number("Rank r") > 8
    assert [len(one) for one in calls] == [0, 0, 0]


def test_held_a_view_out_of_sight_computes_nothing(spectrum, gates):
    spectrum.open(("a", A))
    seen = {
        "Density": gates.count("engine.spectrum.mp_edges"),
        "Soft truncation": gates.count("engine.spectrum.soft_truncate"),
        "2 × 2 geometry": gates.count("engine.spectrum.circle_stages"),
        "Rank rules": gates.count("engine.spectrum.RankRule.__call__"),
    }
    spectrum.open(("b", B))
    spectrum.type("Rank r", "4")
    assert {name: len(calls) for name, calls in seen.items()} == dict.fromkeys(seen, 0)
    for name, calls in seen.items():
        spectrum.tab(name)
        assert len(calls) > 0, name
