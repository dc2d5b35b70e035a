"""Controls report what a person does, once, and nothing else."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QStyle, QStyleOptionComboBox, QStyleOptionSlider

from gui.core.paint.theme import Theme
from gui.core.widgets.controls import (
    CheckItem,
    CheckList,
    ChoiceControl,
    ControlsPanel,
    NumberControl,
    ReadoutTable,
    ToggleControl,
    format_value,
    parse_number,
)

LEFT = Qt.MouseButton.LeftButton


class Log:
    """What a control has told, in order."""

    def __init__(self, control):
        self.told = []
        control.edited.connect(lambda *values: self.told.append(("edited", *values)))
        if hasattr(control, "sealed"):
            control.sealed.connect(lambda: self.told.append(("sealed",)))

    @property
    def values(self):
        return [entry[1] for entry in self.told if entry[0] == "edited"]


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture
def k(qtbot):
    return shown(qtbot, NumberControl("k", 1, 64, 8, integer=True, tooltip="how many are kept"))


@pytest.fixture
def tau(qtbot):
    return shown(qtbot, NumberControl("temperature", 1e-3, 10, 0.5, log=True))


def type_in(qtbot, control, text, key=Qt.Key.Key_Return):
    control.box.setFocus()
    control.box.selectAll()
    qtbot.keyClicks(control.box, text)
    qtbot.keyClick(control.box, key)


def handle_of(slider):
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    return (
        slider.style()
        .subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider)
        .center()
    )


def test_number_control_set_value_emits_nothing_and_moves_both(k):
    log = Log(k)
    k.set_value(33)
    assert k.box.text() == "33"
    assert k.slider.value() == 32
    assert k.value() == 33
    assert log.told == []


def test_number_control_typing_is_one_edit_then_sealed(qtbot, k):
    log = Log(k)
    type_in(qtbot, k, "17")
    assert log.told == [("edited", 17.0), ("sealed",)]
    assert k.slider.value() == 16


@pytest.mark.parametrize(
    ("typed", "value"), [("1e-3", 0.001), ("0,25", 0.25), ("2", 2.0), (" .5 ", 0.5)]
)
def test_number_control_reads_numbers_as_people_write_them(qtbot, tau, typed, value):
    type_in(qtbot, tau, typed)
    assert tau.value() == value


@pytest.mark.parametrize("typed", ["abc", "1e", "--3", "1e999"])
def test_number_control_refuses_nonsense_with_a_sentence_and_keeps_the_value(qtbot, tau, typed):
    log = Log(tau)
    tau.box.setFocus()
    tau.box.selectAll()
    qtbot.keyClick(tau.box, Qt.Key.Key_Delete)
    qtbot.keyClicks(tau.box, typed)
    qtbot.keyClick(tau.box, Qt.Key.Key_Return)
    assert tau.value() == 0.5
    assert tau.box.text() == "0.5"
    assert "not a number" in tau.error()
    assert log.values == []


def test_number_control_out_of_range_names_the_range(qtbot, k):
    type_in(qtbot, k, "65")
    assert k.value() == 8
    assert k.error() == "65 is not between 1 and 64."
    k.set_because("64 scores")
    type_in(qtbot, k, "66")
    assert k.error() == "66 is not between 1 and 64 (64 scores)."


def test_number_control_asks_for_a_number_where_nothing_is_typed(qtbot, k):
    k.box.setFocus()
    k.box.selectAll()
    qtbot.keyClick(k.box, Qt.Key.Key_Delete)
    qtbot.keyClick(k.box, Qt.Key.Key_Return)
    assert (k.value(), k.error()) == (8, "Type a number.")


def test_number_control_integer_refuses_a_fraction(qtbot, k):
    type_in(qtbot, k, "2.5")
    assert k.value() == 8
    assert "whole" in k.error()


def test_number_control_error_goes_with_the_next_good_value(qtbot, k):
    type_in(qtbot, k, "x")
    assert k.error()
    type_in(qtbot, k, "9")
    assert k.error() == ""


def test_number_control_keys_seal_once_after_a_pause(qtbot, k):
    log = Log(k)
    k.box.setFocus()
    with qtbot.waitSignal(k.sealed, timeout=3000):
        for _ in range(3):
            qtbot.keyClick(k.box, Qt.Key.Key_Up)
    assert log.values == [9.0, 10.0, 11.0]
    assert log.told.count(("sealed",)) == 1


def test_number_control_slider_drag_emits_each_step_and_seals_on_release(qtbot, k):
    log = Log(k)
    start = handle_of(k.slider)
    qtbot.mousePress(k.slider, LEFT, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(k.slider, start + QPoint(12 * step, 0))
    assert ("sealed",) not in log.told
    qtbot.mouseRelease(k.slider, LEFT, pos=start + QPoint(60, 0))
    assert log.values == sorted(set(log.values))
    assert len(log.values) >= 3
    assert log.told[-1] == ("sealed",)
    assert log.told.count(("sealed",)) == 1
    assert k.box.value() == log.values[-1]


def test_number_control_slider_leads_while_it_is_dragged(qtbot, k):
    start = handle_of(k.slider)
    qtbot.mousePress(k.slider, LEFT, pos=start)
    qtbot.mouseMove(k.slider, start + QPoint(60, 0))
    position = k.slider.value()
    k.set_value(2)  # a late answer of the controller
    assert k.slider.value() == position
    qtbot.mouseRelease(k.slider, LEFT, pos=start + QPoint(60, 0))


def test_number_control_log_slider_travels_in_equal_ratios(tau):
    tau.set_value(1e-3)
    assert tau.slider.value() == 0
    tau.set_value(0.1)
    assert tau.slider.value() == pytest.approx(tau.slider.maximum() / 2, abs=1)
    tau.set_value(10)
    assert tau.slider.value() == tau.slider.maximum()


def test_number_control_holds_a_tiny_value_exactly(qtbot):
    control = shown(qtbot, NumberControl("cut", 1e-300, 1, 1e-300, log=True))
    assert control.value() == 1e-300
    control.set_value(2.5e-17)
    assert control.box.text() == "2.5e-17"


def test_number_control_set_range_keeps_the_value_within_and_emits_nothing(k):
    log = Log(k)
    k.set_value(50)
    k.set_range(1, 20)
    assert k.value() == 20
    assert log.told == []


def test_number_control_wheel_without_focus_changes_nothing(qtbot, k):
    ToggleControl("elsewhere").setFocus()
    k.box.clearFocus()
    where = QPointF(k.box.rect().center())
    event = QWheelEvent(
        where,
        QPointF(k.box.mapToGlobal(where.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(k.box, event)
    assert k.value() == 8


@pytest.mark.parametrize(
    ("label", "name"),
    [("&Rank r", "Rank r"), ("秩 r(&R)", "秩 r"), ("Drop && keep", "Drop & keep")],
)
def test_controls_are_read_aloud_without_the_marks_of_their_keys(qtbot, label, name):
    number = NumberControl(label, 0, 1, 0)
    choice = ChoiceControl(label, [("a", "A")])
    toggle = ToggleControl(label)
    for control in (number, choice, toggle):
        qtbot.addWidget(control)
    assert number.box.accessibleName() == name
    assert number.slider.accessibleName() == f"{name} slider"
    assert choice.combo.accessibleName() == toggle.accessibleName() == name


def test_number_control_has_names_tooltip_and_tab_order(k):
    assert k.box.accessibleName() == "k"
    assert "k" in k.slider.accessibleName()
    assert k.box.toolTip() == k.slider.toolTip() == "how many are kept"
    assert k.focusProxy() is k.box


def test_choice_control_reports_a_choice_and_is_silent_otherwise(qtbot):
    choice = shown(qtbot, ChoiceControl("scores", [("a", "Router"), ("b", "Noise")], "a"))
    log = Log(choice)
    choice.set_value("b")
    choice.set_value("unknown")
    choice.set_choices([("b", "Noise"), ("c", "File")])
    assert choice.value() == "b"
    assert log.told == []
    choice.combo.setFocus()
    qtbot.keyClick(choice.combo, Qt.Key.Key_Down)
    assert log.told == [("edited", "c")]


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_choice_control_never_cuts_a_number_short(qtbot):
    words = "examples > activations  20 × 48"
    choice = shown(qtbot, ChoiceControl("other", [("a", words)], "a"))
    option = QStyleOptionComboBox()
    choice.resize(140, 30)
    choice.combo.initStyleOption(option)
    narrow = choice.combo.elided(option)
    assert "…" in narrow
    assert narrow.endswith("48")
    choice.combo.showPopup()
    entries = choice.combo.view()
    assert entries.viewport().width() >= entries.sizeHintForColumn(0)  # whole in the list
    choice.combo.hidePopup()
    choice.resize(600, 30)
    choice.combo.initStyleOption(option)
    assert choice.combo.elided(option) == words


def test_toggle_control_reports_a_click(qtbot):
    toggle = shown(qtbot, ToggleControl("equal softness"))
    log = Log(toggle)
    toggle.set_value(True)
    assert log.told == []
    qtbot.keyClick(toggle, Qt.Key.Key_Space)
    assert log.told == [("edited", False)]


@pytest.fixture
def operators(qtbot):
    items = [CheckItem("hard", "Hard Top-k", "ink"), CheckItem("grad", "Grad", "c1", "dash")]
    return shown(qtbot, CheckList(items, Theme("light"), name="Operators"))


def test_check_list_reports_one_row(qtbot, operators):
    log = Log(operators)
    operators.set_value(["grad"])
    assert log.told == []
    qtbot.keyClick(operators.box("hard"), Qt.Key.Key_Space)
    assert log.told == [("edited", "hard", True)]
    assert operators.value() == ("hard", "grad")


def test_check_list_shows_trailing_text_whole(qtbot, operators):
    operators.set_trailing("grad", "12.4 ms")
    operators.resize(120, 60)
    trailing = operators._trailing["grad"]
    qtbot.waitUntil(lambda: trailing.width() >= trailing.sizeHint().width())


def test_check_list_gives_the_room_of_a_number_to_words_without_one(qtbot):
    label = "Iterated weighted softmax"
    checks = shown(qtbot, CheckList([CheckItem("a", label), CheckItem("b", "B")], Theme("light")))
    box = checks.box("a")
    checks.resize(box.fontMetrics().horizontalAdvance(label) + 40, 60)
    checks.set_trailing("b", "0.0001 ms")
    qtbot.waitUntil(lambda: box.text() == label)
    checks.set_trailing("a", "0.0001 ms")
    qtbot.waitUntil(lambda: box.text() != label)
    checks.set_trailing("a", "")
    qtbot.waitUntil(lambda: box.text() == label)


def test_a_long_text_at_the_end_of_a_row_breaks_before_the_name_does(qtbot):
    item, said = CheckItem("exp", "Exponential", "c0"), "tau 0.344, 0.019 ms"
    checks = shown(qtbot, CheckList([item], Theme("light")))
    width = checks.fontMetrics().horizontalAdvance
    checks.resize(width(said) + width("Exponen") + 60, 60)
    checks.set_trailing("exp", said)
    label = checks._trailing["exp"]
    qtbot.waitUntil(lambda: label.text().count("\n") == 1)
    assert label.text().endswith("\n0.019\u00a0ms")  # a number and its unit stay together
    assert checks.box("exp").text() == "Exponential"
    assert checks.trailing("exp") == said
    checks.resize(2 * width(said) + width("Exponential"), 60)
    qtbot.waitUntil(lambda: label.text() == said)


def test_a_share_keeps_its_sign_at_the_end_of_a_line(qtbot):
    table = ReadoutTable("Product")
    qtbot.addWidget(table)
    table.set_rows([("pairs kept", "8 of 512 pairs (1.562 %)")])
    (value,) = (one for one in table.findChildren(QLabel) if "512" in one.text())
    words = QLabel.text(value).split(" ")  # where a line may end
    assert words[-1] == "(1.562\u00a0%)"
    assert value.text() == "8 of 512 pairs (1.562 %)"
    assert table.rows() == [("pairs kept", "8 of 512 pairs (1.562 %)")]
    assert "1.562 %" in table.text()


def test_readout_table_shows_and_copies(qtbot):
    table = ReadoutTable("Spectrum")
    table.set_rows([("stable rank", "12.35"), ("sigma_1", "3.20", "largest")])
    shown(qtbot, table)
    assert table.rows() == [("stable rank", "12.35"), ("sigma_1", "3.20")]
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "stable rank\t12.35\nsigma_1\t3.20"
    table.set_rows([("rank", "7")])
    assert table.rows() == [("rank", "7")]


def test_controls_panel_scrolls_and_cuts_nothing(qtbot):
    panel = ControlsPanel("Controls")
    section = panel.section("Parameters")
    controls = [section.add(NumberControl(f"parameter {i}", 0, 1, 0.5)) for i in range(12)]
    panel.resize(panel.minimumWidth(), 500)
    shown(qtbot, panel)
    assert panel.minimumWidth() >= 260
    assert panel.verticalScrollBar().maximum() > 0
    room = panel.viewport().width()
    for control in controls:
        right = control.mapTo(panel.viewport(), control.rect().topRight()).x()
        assert right <= room


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.2341e-8, "1.234e-8"),
        (0.5, "0.5000"),
        (12345, "12\u202f345"),
        (12345.0, "12\u202f345"),
        (0, "0"),
        (0.0, "0"),
        (-3.25, "−3.250"),
        (9.99996, "10.00"),
        (float("inf"), "∞"),
        (1e300, "1.000e300"),
        (True, "1"),
    ],
)
def test_format_value(value, text):
    assert format_value(value) == text


@pytest.mark.parametrize("text", ["", "e", "1e", "0x10", "nan", "inf", "1 2 3 x"])
def test_parse_number_refuses(text):
    assert parse_number(text) is None
