"""Every control of every page: what is typed, ticked and chosen is the state, undone in one step.

One page with one matrix is driven through all its parameters in each test: what fails is named.
"""

from __future__ import annotations

import dataclasses
import math
from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from gui.core.declare.edits import cleaned, listed
from gui.core.state.session import from_json, to_json
from gui.core.widgets.controls import PANEL_WIDTH, ChoiceControl, NumberControl
from gui.core.words import i18n
from gui.core.words.numbers import as_typed
from tests.support.every import PAGES
from tests.support.page_driver import PageDriver

SHOWN = [page for page in PAGES if page.plots]
# What a control does shows as well on less work.
LESS = {"length": 48, "trials": 2}


class _Driver(PageDriver):
    """Waits for what is drawn only where a test looks at it: the state is there at once."""

    hurries = False

    def settle(self):
        if not self.hurries:
            super().settle()

    @contextmanager
    def hurried(self):
        self.hurries = True
        yield
        self.hurries = False


@pytest.fixture(params=SHOWN, ids=lambda page: page.key)
def page(request):
    return request.param


@pytest.fixture
def driver(qtbot, context, tmp_path, page):
    less = {name: value for name, value in LESS.items() if name in page.parameters}
    context.store.replace(page.key, label="less", **less)
    driver = _Driver(qtbot, context, tmp_path, page)
    driver.show("small", np.random.default_rng(3).normal(size=(9, 7)))
    yield driver
    driver.close()


def shown_parameters(driver, page):
    """Yield every parameter with a control, while that is in sight; its view comes to the front."""
    for view in page.views or ("",):
        if view:
            driver.page.conductor.show_view(view)
            driver.settle()
        for name, one in page.parameters.items():
            if one.label and one.view in ("", view):
                control = driver.controls.control(name)
                if control.isVisible() and control.isEnabled():
                    yield one, control


def undone(driver, one, before):
    """Undo once and tell whether the page is as it was."""
    label = driver.store.undo_label
    driver.store.undo()
    state = driver.state
    same = dataclasses.replace(state, view=before.view) == before
    return same or f"{one!r}: undoing “{label}” leaves {getattr(state, one.name)!r}"


def test_a_number_that_is_typed_is_the_state_at_both_ends(driver, page):
    problems, tried = [], 0
    for one, control in shown_parameters(driver, page):
        if one.kind != "number":
            continue
        low, high = (float(v) for v in driver.page.conductor.present().bounds(one))
        ends = [v for v in (low, high) if math.isfinite(v)]
        for end in ends:
            before = driver.state
            if control.value() == end:
                continue  # what is in force is no news
            driver.type_number(control, f"{end:.17g}")
            held = getattr(driver.state, one.name)
            if held != pytest.approx(end, rel=1e-12) or type(held) is not type(one.default):
                problems.append(f"{one!r}: {end} typed, {held!r} held")
            problems += [p for p in [undone(driver, one, before)] if p is not True]
            tried += 1
    assert problems == []
    assert tried or not any(one.kind == "number" for one in page.parameters.values())


def test_a_number_outside_its_bounds_is_not_taken(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind == "number":
            _, high = driver.page.conductor.present().bounds(one)
            before = getattr(driver.state, one.name)
            driver.type_number(control, f"{float(high) * 10 + 7:.17g}")
            held = getattr(driver.state, one.name)
            if math.isfinite(high) and held not in (before, pytest.approx(float(high))):
                problems.append(f"{one!r}: {held!r}")
    assert problems == []


def test_a_switch_is_the_state(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind == "toggle":
            before = driver.state
            with driver.hurried():
                driver.click(control)
            if getattr(driver.state, one.name) == getattr(before, one.name):
                problems.append(f"{one!r}: pressed in vain")
            problems += [p for p in [undone(driver, one, before)] if p is not True]
    assert problems == []


def test_a_choice_is_the_state(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind != "choice":
            continue
        before = driver.state
        for offer in listed(driver.page.conductor.present(), one):
            with driver.hurried():
                driver.choose(control, offer.key)
            if driver.page.conductor.present().look(one) != offer.key:
                problems.append(f"{one!r}: {offer.key} chosen, {getattr(driver.state, one.name)}")
        while driver.state != before and driver.store.can_undo:
            driver.store.undo()
        driver.settle()
        if driver.state != before:
            problems.append(f"{one!r}: not undone")
    assert problems == []


def test_what_is_ticked_is_the_state(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind != "many":
            continue
        for offer in listed(driver.page.conductor.present(), one):
            box, before = control.box(offer.key), driver.state
            if not box.isVisible():
                continue
            held = getattr(before, one.name)
            with driver.hurried():
                driver.click(box)
            expected = set(held) ^ {offer.key}
            if len(expected) < one.at_least:
                expected = set(held)
            if set(getattr(driver.state, one.name)) != expected:
                problems.append(f"{one!r}: {offer.key}")
            if box.isChecked() != (offer.key in expected):
                problems.append(f"{one!r}: the box of {offer.key} shows otherwise")
            if driver.state != before:
                problems += [p for p in [undone(driver, one, before)] if p is not True]
    assert problems == []


def test_every_parameter_in_sight_is_in_the_palette(driver, page):
    missing = [
        one
        for one, _ in shown_parameters(driver, page)
        if not any(one.name in entry.words or _titles(driver, one) & {entry.title}
                   for entry in driver.page.commands())
    ]  # fmt: skip
    assert missing == []


def test_every_choice_can_be_gone_to_and_every_button_pressed_from_the_palette(driver, page):
    offered = {entry.key: entry for entry in driver.page.commands()}
    for one, control in shown_parameters(driver, page):
        offered |= {entry.key: entry for entry in driver.page.commands()}
        if one.kind == "choice":
            offered[one.name].run()
            assert control.isAncestorOf(driver.controls.window().focusWidget()), one
    buttons = [one for one in driver.controls.findChildren(QPushButton) if one.isVisible()]
    named = [one.accessibleName() or i18n.without_mnemonic(one.text()) for one in buttons]
    lines = [
        f"{name}: {i18n.without_mnemonic(line.text())}" if one.menu() else name
        for name, one in zip(named, buttons, strict=True)
        if one.isEnabled()
        for line in (one.menu().actions() if one.menu() else (None,))
    ]
    assert [name for name in lines if name not in offered] == []


def _titles(driver, one):
    if one.kind not in ("choice", "many"):
        return set()
    return {offer.title for offer in listed(driver.page.conductor.present(), one)}


def test_every_control_has_a_name_and_a_tip(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if not one.tip:
            problems.append(f"{one!r} has no tip")
        widget = getattr(control, "box", control) if one.kind == "number" else control
        widget = getattr(widget, "combo", widget)
        if one.kind != "many" and not (widget.accessibleName() or getattr(widget, "text", str)()):
            problems.append(f"{one!r} has no name for those who hear it")
    assert problems == []


def test_a_control_that_cannot_be_used_says_why(driver, page):
    """Not only what it would do: declared ones, and whatever else of the panel is greyed out."""
    said = [one for one in page.parameters.values() if one.enabled is not None]
    problems = [f"{one!r} does not say why" for one in said if not one.why]
    for many in (one for one in page.parameters.values() if one.kind == "many"):
        driver.store.replace(page.key, label="none", **{many.name: ()})
    driver.store.replace("selection", label="none", active=None)
    driver.settle()
    for widget in driver.controls.findChildren(QWidget):
        above = widget.parentWidget()
        greyed = widget.isVisible() and not widget.isEnabled() and above.isEnabled()
        if greyed and isinstance(widget, (NumberControl, ChoiceControl, QAbstractButton)):
            problems += [widget.toolTip()] * ("\n" not in widget.toolTip())
    shown = dict(shown_widgets(driver, said))
    for one, widget in shown.items():
        expected = one.tip if widget.isEnabled() else f"{one.why}\n{one.tip}"
        if widget.toolTip() != expected:
            problems.append(f"{one!r}: {widget.toolTip()!r}")
    assert problems == []


def shown_widgets(driver, parameters):
    """Yield the controls of these parameters that are in sight."""
    for one in parameters:
        if one.label and (control := driver.controls.control(one.name)).isVisible():
            yield one, control


@pytest.mark.parametrize("language", ["zh_CN"])
def test_a_page_is_built_in_every_language(qtbot, context, tmp_path, page, language):
    before = i18n.language()
    i18n.set_language(language)
    try:
        driver = PageDriver(qtbot, context, tmp_path, page)
        driver.show("small", np.random.default_rng(3).normal(size=(9, 7)))
        said, width = driver.controls.accessibleName(), driver.controls.minimumWidth()
        driver.close()
    finally:
        i18n.set_language(before)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    # The widest of all pages is the width beside every page, which 1024 pixels must hold.
    assert width == PANEL_WIDTH


def test_no_control_widens_the_panel(driver):
    assert driver.controls.minimumWidth() == PANEL_WIDTH


def far(page):
    """The state of a page with every parameter away from its default."""
    state, fields = page.state(), {}
    for name, one in page.parameters.items():
        if one.kind == "number":
            lower = one.lower if not callable(one.lower) and math.isfinite(one.lower) else 0
            upper = one.upper if not callable(one.upper) and math.isfinite(one.upper) else 9
            value = type(one.default)(upper)
            fields[name] = value if value != one.default else type(one.default)(lower)
        elif one.kind == "toggle":
            fields[name] = not one.default
        elif one.kind == "choice" and isinstance(one.choices, dict):
            fields[name] = next(key for key in one.choices if key != one.default)
        elif one.kind == "many" and isinstance(one.choices, dict):
            fields[name] = tuple(key for key in one.choices if key not in one.default)
    fields = {name: value for name, value in fields.items() if value != ()}
    return dataclasses.replace(state, **fields)


def test_a_session_brings_back_every_parameter(page):
    state = far(page)
    text = to_json({page.key: state})
    slices, notices = from_json(text, {page.key: page.state()})
    assert notices == ()
    unsaved = {name: getattr(page.state(), name)
               for name, one in page.parameters.items() if not one.saved}  # fmt: skip
    assert cleaned(page, slices[page.key]) == dataclasses.replace(state, **unsaved)


def has_any(text, words):
    return any(word in text for word in words)


def test_a_line_that_is_dragged_says_the_number_of_its_box(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind != "number" or isinstance(one.default, int):
            continue
        low, high = (float(v) for v in driver.page.conductor.present().bounds(one))
        value = min(max(0.0271828, low), high)
        driver.type_number(control, repr(value))
        for plot in driver.view.plots.values():
            shown = plot.figure() if plot.isVisible() and hasattr(plot, "canvas") else None
            for line in shown.cursors if shown is not None else ():
                axis = shown.x if line.axis == "x" else shown.y
                same = math.isclose(axis.number_at(line.value), value, rel_tol=1e-9)
                said = {as_typed(value), f"{as_typed(100.0 * value)} %"}
                if line.draggable and line.label and same and not has_any(line.label, said):
                    problems.append(f"{one!r}: {as_typed(value)} is {line.label!r}")
    assert problems == []


def test_every_choice_says_what_it_stands_for(driver, page):
    problems = []
    for one, control in shown_parameters(driver, page):
        if one.kind == "many":
            boxes = control.findChildren(QAbstractButton)
            problems += [f"{one!r}: {box.text()}" for box in boxes if not box.toolTip()]
    assert problems == []
