"""The export dialog, used as a person does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gui.core.export.export import ExportError, ExportOptions, read_metadata
from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.core.screen.exports.copied_figure import copy_figure_to_clipboard
from gui.core.screen.exports.export_dialog import ExportDialog
from gui.core.work.runner import Runner

SLOW = 20_000


def figure(key="topk.output", title="Output"):
    x = np.arange(30.0)
    return Figure(key, title, Axis("index"), Axis("p"), (Series("s", "hard", x, x**2),))


@pytest.fixture
def runner(qapp):
    runner = Runner()
    yield runner
    runner.shutdown()


@pytest.fixture
def services(runner, settings, dialogs, messages, tmp_path):
    settings.set_value("export/folder", str(tmp_path))
    return SimpleNamespace(
        runner=runner,
        settings=settings,
        dialogs=dialogs,
        notify=lambda text, severity: messages.append((text, severity)),
    )


@pytest.fixture
def make(services, qtbot):
    def make(figures=None, **more):
        dialog = ExportDialog(figures or [figure()], services, **more)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def press_export(dialog, qtbot):
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)


def test_export_writes_the_file_and_says_where(make, qtbot, tmp_path, messages):
    dialog = make()
    assert dialog.path.text() == str(tmp_path / "topk-output.png")
    dialog.look.dpi.setValue(100)
    with qtbot.waitSignal(dialog.accepted, timeout=SLOW):
        press_export(dialog, qtbot)
        assert dialog.said.text() == "Writing topk-output.png"
    with Pillow.open(tmp_path / "topk-output.png") as image:
        assert image.size == (630, 394)
    assert messages == [(f"Exported to {tmp_path / 'topk-output.png'}.", "info")]


def test_enter_exports_from_the_focus_it_opens_with(make, qtbot, dialogs, tmp_path):
    dialog = make()
    target = tmp_path / "by_enter.png"
    dialog.path.setText(str(target))
    qtbot.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(target.exists, timeout=SLOW)
    assert dialogs.asked == []


def test_choices_are_remembered(make, qtbot, tmp_path):
    first = make([figure(), figure("spectrum.values", "Values")])
    first.figure.setCurrentIndex(1)
    first.format.setCurrentIndex(first.format.findData("csv"))
    first.format.activated.emit(first.format.currentIndex())
    assert first.path.text().endswith("topk-output.csv")
    first.look.width_box.setValue(90)
    with qtbot.waitSignal(first.accepted, timeout=SLOW):
        press_export(first, qtbot)
    assert "spectrum.values" in (tmp_path / "topk-output.csv").read_text()
    second = make()
    assert second.format.currentData() == "csv"
    assert second.look.width_box.value() == 90
    second.reject()


def test_existing_file_is_replaced_only_when_asked_for(make, qtbot, tmp_path):
    path = tmp_path / "topk-output.png"
    path.write_text("mine")
    dialog = make()
    assert dialog.overwrite.isVisible()
    press_export(dialog, qtbot)
    assert "exists already" in dialog.error.text()
    assert path.read_text() == "mine"
    qtbot.keyClick(dialog.overwrite, Qt.Key.Key_Space)
    assert dialog.overwrite.isChecked()
    assert dialog.error.text() == ""
    with qtbot.waitSignal(dialog.accepted, timeout=SLOW):
        press_export(dialog, qtbot)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_permission_to_replace_ends_with_another_name(make, tmp_path):
    (tmp_path / "topk-output.png").write_text("mine")
    (tmp_path / "other.png").write_text("mine too")
    dialog = make()
    dialog.overwrite.setChecked(True)
    dialog.path.setText(str(tmp_path / "other.png"))
    assert not dialog.overwrite.isChecked()
    dialog.reject()


def test_errors_are_shown_beside_the_controls(make, qtbot, tmp_path):
    dialog = make()
    dialog.path.setText(str(tmp_path / "none" / "a.png"))
    assert "does not exist" in dialog.error.text()
    dialog.path.setText(str(tmp_path / "a.png"))
    assert dialog.error.text() == ""
    dialog.look.width_box.setValue(10_000)
    assert "pixels" in dialog.error.text()
    press_export(dialog, qtbot)
    assert dialog.isVisible()
    dialog.reject()


def test_failure_while_writing_is_shown_and_can_be_repaired(make, qtbot, tmp_path):
    dialog = make([Figure("empty", "Empty", Axis("x"), Axis("y"))])
    press_export(dialog, qtbot)
    qtbot.waitUntil(lambda: "no data" in dialog.error.text(), timeout=SLOW)
    assert dialog.export_button.isEnabled()
    dialog.reject()


def test_browse_takes_the_path_and_its_format(make, qtbot, dialogs, tmp_path):
    dialog = make()
    dialogs.saves = [str(tmp_path / "chosen.pdf"), ""]
    qtbot.mouseClick(dialog.browse, Qt.MouseButton.LeftButton)
    assert dialog.format.currentData() == "pdf"
    qtbot.mouseClick(dialog.browse, Qt.MouseButton.LeftButton)
    assert dialog.path.text() == str(tmp_path / "chosen.pdf")
    dialog.reject()


def test_unit_change_keeps_the_size(make):
    dialog = make()
    dialog.look.unit.setCurrentIndex(dialog.look.unit.findData("px"))
    dialog.look.unit.activated.emit(1)
    assert (dialog.look.width_box.value(), dialog.look.height_box.value()) == (1260, 787)
    dialog.look.unit.setCurrentIndex(dialog.look.unit.findData("mm"))
    dialog.look.unit.activated.emit(0)
    assert (dialog.look.width_box.value(), dialog.look.height_box.value()) == (160, 99.9)
    dialog.reject()


def test_preview_appears_and_closing_drops_it(make, qtbot, services):
    dialog = make()
    assert "first picture takes" in dialog.preview.text()  # what the wait is for
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=SLOW)
    assert dialog.preview.pixmap().width() <= 440
    dialog.look.scheme.setCurrentIndex(2)
    dialog.look.scheme.activated.emit(2)
    dialog.reject()
    assert not services.runner.is_busy()


def test_the_preview_is_as_sharp_as_the_screen(make, qtbot, monkeypatch):
    monkeypatch.setattr(ExportDialog, "devicePixelRatioF", lambda _: 2.0)
    shown, dialog = [], make()
    dialog.preview.setPixmap = shown.append  # a label gives back what a screen of one dot takes
    qtbot.waitUntil(lambda: bool(shown), timeout=SLOW)
    assert 440 < shown[0].width() <= 880
    assert shown[0].deviceIndependentSize().width() <= 440


def test_another_figure_names_the_file_and_never_has_the_preview_of_the_first(
    make, qtbot, tmp_path
):
    dialog = make([figure(), figure("topk.tau", "Tau")])
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=SLOW)
    choose(dialog, 1)
    assert dialog.path.text() == str(tmp_path / "topk-tau.png")
    assert dialog.preview.pixmap().isNull()
    assert dialog.preview.text().startswith("Drawing the preview")
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=SLOW)
    dialog.path.setText(str(tmp_path / "mine.png"))
    choose(dialog, 0)
    assert dialog.path.text() == str(tmp_path / "mine.png")
    dialog.reject()


def choose(dialog, place):
    dialog.figure.setCurrentIndex(place)
    dialog.figure.activated.emit(place)


def test_plots_of_before_are_said_to_be_so_and_a_wait_says_what_for(make, qtbot, tmp_path):
    dialog = make(behind=True)
    assert "of before" in dialog.said.text()
    qtbot.waitUntil(lambda: "8.0 pt" in dialog.said.text(), timeout=SLOW)
    assert "of before" in dialog.said.text()
    with qtbot.waitSignal(dialog.accepted, timeout=SLOW):
        press_export(dialog, qtbot)
        assert "Writing topk-output.png" in dialog.said.text()


def test_presets_set_the_size_and_are_named_when_met(make):
    dialog = make()
    look = dialog.look
    assert look.preset.currentData() == "own"
    look.preset.setCurrentIndex(look.preset.findData("column"))
    look.preset.activated.emit(0)
    assert (look.width_box.value(), look.height_box.value()) == (85, 60)
    look.height_box.setValue(70)
    assert look.preset.currentData() == "own"
    look.height_box.setValue(60)
    assert look.preset.currentData() == "column"
    dialog.reject()


def test_the_preview_says_its_smallest_text_and_what_is_left_out(make, qtbot):
    noted = replace(figure(), note="A long sentence about where this comes from. " * 12)
    dialog = make([noted])
    qtbot.waitUntil(lambda: "8.0 pt" in dialog.said.text(), timeout=SLOW)
    dialog.look.set_options(ExportOptions(60, 40, text_size=9.5))
    dialog.look.changed.emit()
    qtbot.waitUntil(lambda: "9.5 pt" in dialog.said.text(), timeout=SLOW)
    assert "no room for the note" in dialog.said.text()
    dialog.reject()


def test_text_legend_title_and_font_are_remembered(make, qtbot):
    first, chosen = make(), ExportOptions(85, 60, "mm", 300, "dark", 9.5, False, "inside", "X")
    first.look.set_options(chosen)
    first.look.font_box.setCurrentIndex(0)
    with qtbot.waitSignal(first.accepted, timeout=SLOW):
        press_export(first, qtbot)
    second = make()
    assert second.look.options() == replace(chosen, font="")
    second.reject()


def test_fonts_are_listed_once_they_are_known(make, qtbot):
    dialog = make()
    box = dialog.look.font_box
    qtbot.waitUntil(lambda: box.findText("DejaVu Serif") > 0, timeout=SLOW)
    assert [box.itemText(i) for i in range(box.count())].count("DejaVu Sans") == 1
    dialog.reject()


def test_every_control_has_a_name_and_a_tooltip(make):
    dialog = make()
    for part in (
        dialog.figure,
        dialog.format,
        dialog.look.width_box,
        dialog.look.height_box,
        dialog.look.unit,
        dialog.look.dpi,
        dialog.look.scheme,
        dialog.look.preset,
        dialog.look.text_size,
        dialog.look.title,
        dialog.look.legend,
        dialog.look.font_box,
        dialog.path,
    ):
        assert part.accessibleName()
        assert part.toolTip()
    dialog.reject()


@pytest.mark.parametrize("background", [False, True])
def test_copy_puts_image_and_svg_on_the_clipboard(background, runner, qtbot):
    done = []
    copy_figure_to_clipboard(
        figure(), runner=runner if background else None, done=lambda: done.append(True)
    )
    qtbot.waitUntil(lambda: done == [True], timeout=SLOW)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert b"<svg" in data.data("image/svg+xml").data()
    QGuiApplication.clipboard().clear()


def test_copy_of_an_empty_figure_is_a_sentence(runner, qtbot):
    empty, failed = Figure("empty", "Empty", Axis("x"), Axis("y")), []
    copy_figure_to_clipboard(empty, runner=runner, failed=failed.append)
    qtbot.waitUntil(lambda: len(failed) == 1, timeout=SLOW)
    assert "no data" in failed[0]
    with pytest.raises(ExportError, match="no data"):
        copy_figure_to_clipboard(empty)


class Drawn:
    """What draws a plot that is not on the screen."""

    def __init__(self, key, title, error=None):
        self.plot, self.title, self.error = SimpleNamespace(key=key), title, error

    def run(self, progress):
        if self.error is not None:
            raise self.error
        return figure(self.plot.key, self.title)


@pytest.fixture
def make_panels(services, qtbot):
    def make(*others):
        dialog = ExportDialog([figure()], services, page="topk", others=others)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        if not dialog.several.isChecked():
            dialog.several.setFocus()
            qtbot.keyClick(dialog.several, Qt.Key.Key_Space)
        return dialog

    return make


def tick(dialog, qtbot, *rows):
    for row in rows:
        dialog.panels.list.setCurrentRow(row)
        qtbot.keyClick(dialog.panels.list, Qt.Key.Key_Space)


def test_panels_are_ticked_by_keys_in_their_order_and_drawn_when_they_are_not_in_view(
    make_panels, qtbot, tmp_path
):
    dialog = make_panels(Drawn("topk.tau", "Tau"), Drawn("topk.heat", "Heat"))
    assert dialog.panels.list.item(0).checkState() == Qt.CheckState.Checked
    tick(dialog, qtbot, 2, 1)
    shown = [dialog.panels.list.item(row).text() for row in range(3)]
    assert shown == ["(a) Output", "(c) Tau", "(b) Heat"]
    qtbot.waitUntil(lambda: not dialog.error.text(), timeout=SLOW)
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=SLOW)
    dialog.panels.columns.setValue(3)
    with qtbot.waitSignal(dialog.accepted, timeout=SLOW):
        press_export(dialog, qtbot)
    found = read_metadata(tmp_path / "topk-output.png")
    assert found["panels"]["figures"] == ["topk.output", "topk.heat", "topk.tau"]
    assert found["panels"]["columns"] == 3
    again = make_panels(Drawn("topk.tau", "Tau"), Drawn("topk.heat", "Heat"))
    qtbot.waitUntil(lambda: not again.preview.pixmap().isNull(), timeout=SLOW)
    assert again.several.isChecked()
    assert again.panels.order == ["topk.output", "topk.heat", "topk.tau"]
    assert again.panels.columns.value() == 3
    again.reject()


def test_a_panel_that_cannot_be_drawn_is_unticked_and_says_why(make_panels, qtbot):
    dialog = make_panels(Drawn("topk.tau", "Tau", ExportError("there is none.")))
    tick(dialog, qtbot, 1)
    said = "Tau cannot be drawn: there is none."
    qtbot.waitUntil(lambda: dialog.error.text() == said, timeout=SLOW)
    assert dialog.panels.order == ["topk.output"]
    tick(dialog, qtbot, 0)
    assert "No panel is chosen" in dialog.error.text()
    dialog.reject()


def test_panels_have_no_numbers_and_curves_no_pixels(make_panels, qtbot):
    dialog = make_panels(Drawn("topk.tau", "Tau"))
    for key, said in (("csv", "Several panels are a drawing"), ("tiff", "Several panels are")):
        dialog.format.setCurrentIndex(dialog.format.findData(key))
        dialog.format.activated.emit(dialog.format.currentIndex())
        assert said in dialog.error.text()
    qtbot.keyClick(dialog.several, Qt.Key.Key_Space)
    assert "is no single picture" in dialog.error.text()
    dialog.reject()


def test_a_picture_is_written_pixel_by_pixel(make, qtbot, tmp_path):
    values = np.arange(12.0).reshape(3, 4)
    picture = Figure(
        "spectrum.original", "Original", images=(Image("a", "", values, (0, 4, 0, 3)),)
    )
    dialog = make([picture])
    dialog.format.setCurrentIndex(dialog.format.findData("pixels"))
    dialog.format.activated.emit(dialog.format.currentIndex())
    dialog.path.setText(str(tmp_path / "own.png"))
    assert dialog.format.currentData() == "pixels"
    assert not dialog.look.isEnabled()
    qtbot.waitUntil(lambda: "4 × 3 pixels" in dialog.said.text(), timeout=SLOW)
    with qtbot.waitSignal(dialog.accepted, timeout=SLOW):
        press_export(dialog, qtbot)
    with Pillow.open(tmp_path / "own.png") as image:
        assert image.size == (4, 3)
