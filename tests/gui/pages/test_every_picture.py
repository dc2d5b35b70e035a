"""Every picture of every page: its colours are parameters, and its colour bar opens a panel."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from engine.files import memory_source
from gui.core.declare.call import call_of
from gui.core.declare.draw import moment_of, picture_at
from gui.core.declare.pictures import colours_of
from gui.core.figure.levels import levels_in_force
from gui.core.figure.look import LEVELS_CHOICES, MAP_CHOICES
from gui.core.state.document import Second
from gui.draw import opened_from
from tests.support.every import PAGES, PLOTS, of_array, small
from tests.support.page_driver import PageDriver

MAPPED = [pytest.param(*one, id=one[1].key) for one in PLOTS if colours_of(one[1]) is not None]
SPECTRUM = next(page for page in PAGES if page.key == "spectrum")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def moments():
    """One moment of each page: what is computed once serves every look."""
    fewer = {"topk": {"k": 2.0}, "column_row": {"r": 2}, "spectrum": {"rank": 2}}
    base = memory_source({"small": np.eye(9, 7), "other": np.eye(7, 5)})
    # A page that compares two models is given another file.
    others = {"checkpoint": {Second: Second(opened_from(base, "small"))}}
    return {
        page: moment_of(page, small() | others.get(page.key, {}), fewer.get(page.key, {}))
        for page in PAGES
    }


def with_parts(now, plot, **parts):
    """The picture of a plot with parts of its colours set, nothing computed anew."""
    known = colours_of(plot).parts
    fields = {known[part].name: value for part, value in parts.items() if part in known}
    state = dataclasses.replace(now.state, **fields)
    moment = type(now)(now.page, state, now.given, now.answers)
    return picture_at(plot, moment).drawn.images[0]


# -- without a window ---------------------------------------------------------------------------


def test_every_picture_has_colours(moments):
    for page, plot in PLOTS:
        if plot.form() == "figure":
            images = picture_at(plot, moments[page]).drawn.images
            assert bool(images) == (colours_of(plot) is not None), plot.key
            assert all(image.look is not None for image in images), plot.key


@pytest.mark.parametrize(("page", "plot"), MAPPED)
def test_every_look_of_every_picture(moments, page, plot):
    now, plain = moments[page], with_parts(moments[page], plot).values
    finite = plain[np.isfinite(plain)]
    reach = np.abs(finite).max()
    expected = {
        "full": (finite.min(), finite.max()),
        "middle": tuple(np.percentile(finite, [1, 99])),
        "symmetric": (-reach, reach),
        "hand": (0.0, 1.0),
    }
    for map_, rule, log in product(MAP_CHOICES, LEVELS_CHOICES, (False, True)):
        image = with_parts(now, plot, map=map_, levels=rule, log=log, shared=False)
        assert np.array_equal(image.values, plain, equal_nan=True)
        assert (image.log, image.look.range.levels) == (log, rule)
        if rule in expected:
            assert levels_in_force(image) == pytest.approx(expected[rule], rel=1e-12)
        if map_ != "auto" and not image.difference:
            assert image.map == map_


def test_pictures_side_by_side_share_levels_until_they_are_unlocked(moments):
    for page, first in PLOTS:
        if "shared" not in (parts := getattr(colours_of(first), "parts", {})):
            continue
        if colours_of(first).first is not None:
            continue
        group = [plot for _, plot in PLOTS
                 if getattr(colours_of(plot), "first", None) is colours_of(first)]  # fmt: skip
        assert len(group) == 2
        state = dataclasses.replace(moments[page].state, **{parts["levels"].name: "full"})
        now = type(moments[page])(page, state, moments[page].given, moments[page].answers)
        low, high = with_parts(now, first).levels
        for plot in group:
            shared, own = with_parts(now, plot), with_parts(now, plot, shared=False, levels="full")
            half = 0.5 * (high - low)
            assert shared.levels == ((-half, half) if shared.difference else (low, high))
            assert own.levels == (own.values.min(), own.values.max())


def test_the_call_that_repeats_a_picture_has_its_colours():
    values = {"matrix_colours": "grey", "matrix_levels": "hand", "matrix_low": -0.25}
    now = moment_of(SPECTRUM, of_array(np.eye(4)), values)
    said = call_of(SPECTRUM.plot("matrix"), now)
    assert all(f"{name}={value!r}," in said for name, value in values.items())


# -- in the window ------------------------------------------------------------------------------


@pytest.fixture
def driver(qtbot, context, tmp_path):
    driver = PageDriver(qtbot, context, tmp_path, SPECTRUM)
    driver.show("small", np.random.default_rng(3).normal(size=(30, 20)))
    yield driver
    driver.close()


def opened(driver, plot):
    """Open the panel as a person does: a click on the colour bar."""
    canvas = driver.plot(plot).canvas
    middle = canvas.bar.mapToScene(canvas.bar.rect().center())
    driver.qtbot.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(middle))
    assert driver.view.colours.isVisible()
    return driver.view.colours


def image(driver, plot):
    return driver.figure(plot).images[0]


def spot(canvas, x):
    inside = QPointF(canvas.frame.px_one(x), 0.6 * canvas.frame.height)
    return canvas.mapFromScene(canvas.box.mapToScene(inside))


def test_a_click_on_the_bar_opens_the_panel_and_escape_closes_it(driver):
    panel = opened(driver, "matrix")
    assert panel.map.combo.hasFocus()
    assert driver.view.rect().contains(panel.geometry())
    for part in (panel.map.combo, panel.histogram.canvas, panel.numbers["low"], panel.log):
        opened(driver, "matrix")
        part.setFocus()
        driver.qtbot.keyClick(part, Qt.Key.Key_Escape)
        assert panel.isHidden()
        assert driver.plot("matrix").canvas.hasFocus()


def test_button_menu_and_palette_open_the_panel(driver):
    def by_menu():
        menu = driver.plot("matrix").context_menu()
        next(one for one in menu.actions() if "Colours" in one.text()).trigger()
        menu.close()

    def by_palette():
        entries = driver.page.commands()
        next(one for one in entries if one.title == "Colours and levels: Matrix picture").run()

    for way in (driver.plot("matrix").button("colours").click, by_menu, by_palette):
        way()
        assert driver.view.colours.isVisible()
        driver.view.colours.leave()


def test_what_the_panel_sets_is_the_state_and_undo_takes_it_back(driver):
    panel, before = opened(driver, "matrix"), driver.state
    driver.choose(panel.map, "grey")
    driver.click(panel.reversed)
    driver.click(panel.log)
    driver.choose(panel.levels, "full")
    shown = image(driver, "matrix")
    assert (shown.map, shown.log) == ("grey_turned", True)
    assert shown.levels == (shown.values.min(), shown.values.max())
    assert driver.store.undo_label == "levels"
    while driver.state != before and driver.store.can_undo:
        driver.store.undo()
    driver.settle()
    assert driver.state == before
    assert panel.map.value() == "auto"


def test_a_handle_that_is_dragged_is_a_level_by_hand_and_one_step(driver):
    panel, before = opened(driver, "matrix"), driver.state
    low, high = levels_in_force(image(driver, "matrix"))
    canvas = panel.histogram.canvas
    target = canvas.viewport()
    driver.qtbot.mousePress(target, LEFT, pos=spot(canvas, high))
    for stop in (0.9 * high, 0.5 * high):
        driver.qtbot.mouseMove(target, spot(canvas, stop))
    driver.qtbot.mouseRelease(target, LEFT, pos=spot(canvas, 0.5 * high))
    driver.settle()
    found = image(driver, "matrix").levels
    assert found == (low, pytest.approx(0.5 * high, rel=0.05))
    assert panel.levels.value() == "hand"
    assert panel.numbers["high"].value() == found[1]
    assert any("above" in said for said in driver.plot("matrix").canvas.bar.said())
    driver.store.undo()
    assert driver.state == before


def test_a_handle_is_moved_by_keys(driver):
    panel = opened(driver, "matrix")
    low, high = levels_in_force(image(driver, "matrix"))
    canvas = panel.histogram.canvas
    driver.qtbot.keyClick(canvas, Qt.Key.Key_Space)
    driver.qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    driver.settle()
    found = image(driver, "matrix").levels
    assert low < found[0] < 0.0
    assert found[1] == high


def test_a_level_that_is_typed_is_in_force(driver):
    panel = opened(driver, "matrix")
    box = panel.numbers["low"]
    box.setFocus()
    box.selectAll()
    driver.qtbot.keyClicks(box, "-0.125")
    driver.qtbot.keyClick(box, Qt.Key.Key_Return)
    driver.settle()
    assert image(driver, "matrix").levels[0] == -0.125


def test_a_level_of_one_picture_is_that_of_all_until_they_are_unlocked(driver):
    panel = opened(driver, "residual")
    panel.edited.emit("high", 2.0)
    driver.settle()
    low, high = image(driver, "original").levels
    assert image(driver, "approximation").levels == (low, high)
    assert image(driver, "residual").levels == (-2.0, 2.0)
    assert 0.5 * (high - low) == pytest.approx(2.0)
    driver.click(panel.shared)
    panel.edited.emit("high", 0.5)
    driver.settle()
    assert image(driver, "residual").levels[1] == 0.5
    assert image(driver, "original").levels == (low, high)


def test_levels_go_by_hand_from_where_they_are(driver):
    panel = opened(driver, "matrix")
    before = levels_in_force(image(driver, "matrix"))
    driver.choose(panel.levels, "hand")
    assert image(driver, "matrix").levels == before


def test_the_panel_goes_with_its_plot(driver):
    panel = opened(driver, "original")
    driver.tab("error")
    assert panel.isHidden()


def test_the_panel_follows_the_picture(driver):
    panel = opened(driver, "approximation")
    before = panel.histogram.figure().series[0].y
    driver.page.conductor.edit("rank", 1)
    driver.settle()
    assert not np.array_equal(panel.histogram.figure().series[0].y, before)


def test_every_part_of_the_panel_has_a_name(driver):
    panel = opened(driver, "residual")
    parts = [panel, panel.map.combo, panel.levels.combo, panel.reversed, panel.log, panel.shared,
             panel.close_button, panel.histogram, *panel.numbers.values()]  # fmt: skip
    assert all(part.accessibleName() for part in parts)
    names = [part.accessibleName() for part in parts]
    assert len({*names}) == len(names)


def test_a_plot_without_a_picture_has_no_panel(driver):
    driver.view.open_colours("spectrum.values")
    assert driver.view.colours.isHidden()
    assert driver.plot("values").button("colours").isHidden()
