"""The look of the window: light or dark, fonts, one spacing unit.

The Fusion style with one palette made from a :class:`gui.core.figure.palette.Scheme`; no style
sheets, so every widget, menu and tooltip agrees without patchwork. Exports stay white whatever the
screen shows; they take their scheme from :mod:`gui.core.figure.palette` directly.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from gui.core.figure.palette import DARK, LIGHT, SCHEMES, THEMES, Scheme
from gui.core.words.i18n import tr

# The one spacing unit, in device-independent pixels.
SPACING = 8

_CHINESE = QFontDatabase.WritingSystem.SimplifiedChinese
# Families made for simplified Chinese, best known first; others that claim the glyphs follow.
_CHINESE_FAMILIES = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)


class Theme(QObject):
    """The scheme in use; follows the platform's light or dark setting in mode "auto".

    ``changed`` is emitted after ``scheme`` has become another one, never otherwise.
    """

    changed = Signal()

    def __init__(self, mode: str = "auto", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = "auto"
        self._application: QApplication | None = None
        self._scheme = self._wanted()
        self.set_mode(mode)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._refresh)

    @property
    def mode(self) -> str:
        """What was chosen: "auto", or one of ``THEMES``."""
        return self._mode

    @property
    def scheme(self) -> Scheme:
        """The colours in use."""
        return self._scheme

    @property
    def is_dark(self) -> bool:
        """Whether the dark scheme is in use."""
        return self._scheme.is_dark

    def set_mode(self, mode: str) -> None:
        """Choose "auto" or one of ``THEMES``; an unknown word (an old settings file) means auto."""
        self._mode = mode if mode in THEMES else "auto"
        self._refresh()

    def apply(self, app: QApplication) -> None:
        """Give ``app`` the Fusion style and the palette, now and whenever the scheme changes."""
        self._application = app
        if app.style().objectName() != "fusion":  # else every widget would be polished anew
            app.setStyle("Fusion")
        _give_palette(app, self._scheme)

    def _wanted(self) -> Scheme:
        if self._mode != "auto":
            return SCHEMES[self._mode]
        hints = QGuiApplication.styleHints()
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _refresh(self) -> None:
        scheme = self._wanted()
        if scheme is self._scheme:
            return
        self._scheme = scheme
        if self._application is not None:
            _give_palette(self._application, scheme)
        self.changed.emit()


def _give_palette(app: QApplication, scheme: Scheme) -> None:
    palette = make_palette(scheme)
    app.setPalette(palette)
    if scheme.is_dark:
        # Fusion outlines a box darker than the window: an empty one would not be seen.
        palette.setColor(QPalette.ColorRole.Base, mixed(scheme.background, scheme.ink, 0.22))
    # PySide takes a str here; its stub says bytes.
    app.setPalette(palette, "QCheckBox")  # type: ignore[arg-type]


def make_palette(scheme: Scheme) -> QPalette:
    """Return the Qt palette of a scheme."""
    role = QPalette.ColorRole
    background, ink = QColor(scheme.background), QColor(scheme.ink)
    surface = mixed(scheme.background, scheme.ink, 0.05)
    palette = QPalette()
    colours = {
        role.Window: surface,
        role.WindowText: ink,
        role.Base: background,
        role.AlternateBase: mixed(scheme.background, scheme.ink, 0.03),
        role.Text: ink,
        role.Button: mixed(scheme.background, scheme.ink, 0.08),
        role.ButtonText: ink,
        role.BrightText: QColor(scheme.warning),
        role.ToolTipBase: surface,
        role.ToolTipText: ink,
        role.PlaceholderText: QColor(scheme.muted),
        role.Highlight: QColor(scheme.accent),
        role.Accent: QColor(scheme.accent),
        role.HighlightedText: readable_on(scheme.accent),
        role.Link: QColor(scheme.accent),
        role.LinkVisited: QColor(scheme.accent),
        role.Light: mixed(scheme.background, "#ffffff", 0.15),
        role.Midlight: mixed(scheme.background, scheme.ink, 0.04),
        role.Mid: mixed(scheme.background, scheme.ink, 0.25),
        role.Dark: mixed(scheme.background, scheme.ink, 0.35),
        role.Shadow: QColor("#000000"),
    }
    for each, colour in colours.items():
        palette.setColor(each, colour)
    disabled = mixed(scheme.background, scheme.ink, 0.45)
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, disabled)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(scheme.grid))
    return palette


def mixed(first: str, second: str, share: float) -> QColor:
    """Return the colour that lies ``share`` of the way from ``first`` to ``second``."""
    one, two = QColor(first), QColor(second)
    pairs = ((one.red(), two.red()), (one.green(), two.green()), (one.blue(), two.blue()))
    return QColor(*(round((1 - share) * a + share * b) for a, b in pairs))


def readable_on(colour: str) -> QColor:
    """Return black or white, whichever reads better on ``colour``."""
    tone = QColor(colour)
    luminance = (
        0.2126 * tone.redF() ** 2.2 + 0.7152 * tone.greenF() ** 2.2 + 0.0722 * tone.blueF() ** 2.2
    )
    return QColor("#000000" if luminance > 0.18 else "#ffffff")


def tabular_font(base: QFont) -> QFont:
    """Return ``base`` with digits of equal width, so that changing read-outs do not jitter.

    Qt 6.7 and newer ask the font for its tabular figures; a font without the feature keeps its
    own digits, which are of equal width in nearly every interface font.
    """
    font = QFont(base)
    # Fonts with proportional figures as default are rare; those with the feature obey it.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def ui_font(language: str) -> tuple[QFont, str]:
    """Return the interface font for ``language`` and a notice, empty where all is well.

    The platform's font is kept where it has the glyphs; for Chinese a family that has them is
    put behind it, and the notice says what to install where none exists. Another language takes
    back what one before it has put there.
    """
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if not language.startswith("zh"):
        return font, ""
    families = QFontDatabase.families(_CHINESE)
    chosen = next((name for name in _CHINESE_FAMILIES if name in families), "")
    chosen = chosen or next(iter(families), "")
    if not chosen:
        return font, tr(
            "No font with Chinese characters was found. On Debian or Ubuntu install {package}.",
            package="fonts-noto-cjk",
        )
    font.setFamilies([name for name in dict.fromkeys([*font.families(), chosen]) if name])
    return font, ""
