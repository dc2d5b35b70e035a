"""Fonts of exported pictures: one that every installation has, then those that fill its gaps."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache

BASE = "DejaVu Sans"  # comes with Matplotlib
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


def families_for(texts: Iterable[str]) -> tuple[list[str], str]:
    """Return the font families that together have the characters of ``texts``, and what is left.

    Matplotlib looks each character up in the families in order.
    """
    wanted = {ord(letter) for text in texts for letter in text if letter not in "\n\t"}
    families, missing = _covering(wanted)
    if missing:
        _learn_new_fonts()
        families, missing = _covering(wanted)
    return families, "".join(map(chr, sorted(missing)))


def _covering(wanted: set[int]) -> tuple[list[str], set[int]]:
    missing = wanted - _characters(BASE)
    families = [BASE]
    for family in _HELPERS:
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
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {font.fname for font in manager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(OSError, RuntimeError):  # a damaged font file
                manager.addfont(path)
    _characters.cache_clear()


@cache
def _characters(family: str) -> frozenset[int]:
    from matplotlib import font_manager

    try:
        path = font_manager.findfont(family, fallback_to_default=False)
        return frozenset(font_manager.get_font(path).get_charmap())
    except (ValueError, OSError, RuntimeError):  # not installed, or a damaged font file
        return frozenset()
