"""The theme follows the platform, changes live, and keeps read-outs from jittering."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontInfo, QFontMetricsF, QGuiApplication, QPalette

from gui.core.figure.palette import DARK, LIGHT, SCHEMES, THEMES
from gui.core.paint import theme as theme_module
from gui.core.paint.theme import Theme, make_palette, readable_on, tabular_font, ui_font
from tests.gui.core.figure.test_palette import contrast


@pytest.fixture
def unchanged_app(qapp):
    """Give the application its look back after a test has applied a theme."""
    palette, style, font = qapp.palette(), qapp.style().objectName(), qapp.font()
    yield qapp
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyle(style)


def test_theme_modes_choose_the_scheme(qtbot):
    theme = Theme("dark")
    assert theme.scheme is DARK
    assert theme.is_dark
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("light")
    assert theme.scheme is LIGHT


def test_theme_does_not_signal_when_nothing_changes(qtbot):
    theme = Theme("dark")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_theme_unknown_mode_means_auto(qapp):
    assert Theme("sepia").mode == "auto"


def test_theme_auto_follows_the_platform(qtbot):
    hints = QGuiApplication.styleHints()
    theme = Theme("auto")
    try:
        with qtbot.waitSignal(theme.changed, raising=False, timeout=300):
            dark = hints.colorScheme() == Qt.ColorScheme.Dark
            hints.setColorScheme(Qt.ColorScheme.Light if dark else Qt.ColorScheme.Dark)
        expected = DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
        assert theme.scheme is expected
    finally:
        hints.unsetColorScheme()


def test_apply_gives_fusion_and_follows_a_change(unchanged_app):
    theme = Theme("light")
    theme.apply(unchanged_app)
    assert unchanged_app.style().objectName().lower() == "fusion"
    assert unchanged_app.palette().color(QPalette.ColorRole.Base).name() == LIGHT.background
    theme.set_mode("dark")
    assert unchanged_app.palette().color(QPalette.ColorRole.Base).name() == DARK.background
    assert unchanged_app.styleSheet() == ""


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_palette_text_is_readable(scheme):
    palette = make_palette(scheme)
    for text, ground in (("WindowText", "Window"), ("Text", "Base"), ("ButtonText", "Button")):
        one = palette.color(QPalette.ColorRole[text]).lightnessF()
        two = palette.color(QPalette.ColorRole[ground]).lightnessF()
        assert abs(one - two) > 0.6


def test_readable_on_picks_the_better_of_black_and_white():
    assert readable_on("#ffffff").name() == "#000000"
    assert readable_on("#0a66c2").name() == "#ffffff"


def test_tabular_font_gives_all_digits_one_width(qapp):
    metrics = QFontMetricsF(tabular_font(qapp.font()))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_ui_font_english_is_the_platform_font(qapp):
    font, notice = ui_font("en")
    assert font.families() == qapp.font().families()
    assert notice == ""


def test_ui_font_chinese_names_a_family_with_the_glyphs(qapp):
    font, notice = ui_font("zh_CN")
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    assert bool(notice) == (not chinese)
    assert not chinese or set(font.families()) & set(chinese)


def test_ui_font_of_another_language_takes_the_chinese_family_back(unchanged_app):
    before = QFontInfo(ui_font("en")[0]).family()
    unchanged_app.setFont(ui_font("zh_CN")[0])
    assert QFontInfo(ui_font("en")[0]).family() == before


def test_ui_font_says_what_to_install_where_no_font_has_chinese(qapp, monkeypatch):
    monkeypatch.setattr(theme_module.QFontDatabase, "families", lambda *_: [])
    _, notice = ui_font("zh_CN")
    assert "fonts-noto-cjk" in notice


@pytest.mark.parametrize("name", THEMES)
def test_samples_of_curves_are_seen_on_the_panels_of_the_window(name):
    scheme = SCHEMES[name]
    panel = make_palette(scheme).color(QPalette.ColorRole.Window).name()
    for color in (*scheme.categories, scheme.ink):
        assert contrast(color, panel) >= 3.0, color
