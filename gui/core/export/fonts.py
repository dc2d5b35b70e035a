"""Fonts of exported pictures: the one that was chosen, then those that fill its gaps."""

from __future__ import annotations

import base64
import importlib
import io
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from gui.core.export.paper import BASE_FONT
from gui.core.words.i18n import tr

# Families with many glyphs, simplified Chinese before other scripts.
_HELPERS = (
    "Noto Sans CJK SC",
    "PingFang SC",
    "Heiti SC",
    "Microsoft YaHei",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
    "Yu Gothic",
    "Hiragino Sans",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Noto Sans",
    "Noto Sans Symbols2",
    "Segoe UI Symbol",
    "Unifont",
)
# A number set half in one font and half in another would look like two.
_RAISED = frozenset(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵀ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₙ"))
_TABLES = ("_parse_char_metrics", "_parse_optional")  # of an AFM file, most of it
_listing = threading.Lock()


def _nothing(_file: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {}, {}


def font_manager() -> Any:
    """Return Matplotlib's list of fonts, which it makes where it has none yet.

    Of the hundred PostScript metrics that come with it only the heads are read: the list needs no
    more, and is the same. Whole, they took eight of nine parts of the first picture of a new home.
    """
    with _listing:
        if "matplotlib.font_manager" not in sys.modules:
            from matplotlib import _afm

            whole = {name: getattr(_afm, name) for name in _TABLES if hasattr(_afm, name)}
            try:
                for name in whole:
                    setattr(_afm, name, _nothing)
                importlib.import_module("matplotlib.font_manager")  # makes the list
            finally:
                for name, parse in whole.items():
                    setattr(_afm, name, parse)
        return sys.modules["matplotlib.font_manager"]


def families_for(texts: Iterable[str], chosen: str = "") -> tuple[list[str], str]:
    """Return the font families that together have the characters of ``texts``, and what is left.

    Matplotlib looks each character up in the families in order: ``chosen`` (or `BASE_FONT`)
    first, unless it lacks a raised or lowered character, which are set in one font.
    """
    wanted = {ord(letter) for text in texts for letter in text if letter not in "\n\t"}
    families, missing = _covering(wanted, chosen)
    if missing or (chosen and families[0] != chosen):
        _learn_new_fonts()
        families, missing = _covering(wanted, chosen)
    return families, "".join(map(chr, sorted(missing)))


def notices_of(families: list[str], missing: str, chosen: str) -> list[str]:
    """Say what the fonts lack."""
    said = []
    if chosen and families[0] != chosen:
        words = tr(
            "{font} is not installed or lacks raised figures; the text is set in {other} instead."
        )
        said.append(words.format(font=chosen, other=families[0]))
    if missing:
        said.append(
            tr(
                "No installed font has the characters {letters}; they are shown as boxes. "
                "Install a font for them, for example Noto Sans CJK.",
                letters=missing[:20],
            )
        )
    return said


def installed() -> list[str]:
    """Return the families that can be chosen, the one that is always there first."""
    names = {font.name for font in font_manager().fontManager.ttflist}
    return [BASE_FONT, *sorted(names - {BASE_FONT}, key=str.casefold)]


def _covering(wanted: set[int], chosen: str) -> tuple[list[str], set[int]]:
    has = _characters(chosen) if chosen else frozenset()
    first = chosen if has and not (wanted & _RAISED) - has else BASE_FONT
    families, missing = [first], wanted - _characters(first)
    if missing and not chosen:
        # One font for all of it, where there is one.
        whole = next((one for one in _HELPERS if wanted <= _characters(one)), None)
        if whole is not None:
            return [whole], set()
    for family in (BASE_FONT, *_HELPERS):
        if not missing:
            break
        found = missing & _characters(family)
        if found:
            families.append(family)
            missing -= found
    return families, missing


@cache
def _learn_new_fonts() -> None:
    """Tell Matplotlib of fonts installed since it made its list, which it keeps between runs.

    Who installs the Chinese font that the window asks for would else export boxes for ever.
    """
    manager = font_manager().fontManager
    known = {font.fname for font in manager.ttflist}
    for path in font_manager().findSystemFonts():
        if path not in known:
            with suppress(OSError, RuntimeError):  # a damaged font file
                manager.addfont(path)
    _characters.cache_clear()


@cache
def _characters(family: str) -> frozenset[int]:
    try:
        path = font_manager().findfont(family, fallback_to_default=False)
        return frozenset(font_manager().get_font(path).get_charmap())
    except (ValueError, OSError, RuntimeError):  # not installed, or a damaged font file
        return frozenset()


# -- fonts within a drawing -------------------------------------------------------------------


def embedded(svg: bytes, families: list[str], letters: set[str]) -> bytes:
    """Return an SVG drawing that brings the glyphs of its own text with it."""
    left, faces = {ord(letter) for letter in letters}, []
    for family in families:
        if taken := left & _characters(family):
            faces.append(_face(family, frozenset(taken)))
            left -= taken
    style = f'<style type="text/css">{"".join(faces)}</style>'.encode()
    head, mark, rest = svg.partition(b"<defs>")
    return head + mark + style + rest if mark else svg


@cache
def _face(family: str, letters: frozenset[int]) -> str:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    path: Any = font_manager().findfont(family, fallback_to_default=False)
    chosen = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
    chosen.drop_tables += ["FFTM"]  # when it was edited
    cut, stream = subset.Subsetter(chosen), io.BytesIO()
    cut.populate(unicodes=letters)
    number = getattr(path, "face_index", 0)  # of a file that holds several fonts
    with TTFont(Path(path), fontNumber=number, lazy=True) as font:
        cut.subset(font)
        font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f"@font-face{{font-family:'{family}';src:url(data:font/sfnt;base64,{data});}}"
