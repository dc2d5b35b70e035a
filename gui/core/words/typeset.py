"""MathML laid out by ziamath, with its gaps closed: a picture in em, without black.

ziamath, its font and this module are imported with the first formula that is drawn.
"""

from __future__ import annotations

import copy
import itertools
import math
import unicodedata
import warnings
from typing import Any
from xml.etree import ElementTree as ET

from gui.core.words.latex import FormulaError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ziamath, of how it finds its font
    from ziafont.fonttypes import BBox
    from ziafont.glyph import SimpleGlyph
    from ziamath import drawable, operators, zmath
    from ziamath.config import config
    from ziamath.mathfont import MathFont
    from ziamath.nodes.mnode import Mnode
    from ziamath.nodes.mrow import Mrow
    from ziamath.nodes.msubsup import Msubsup
    from ziamath.nodes.munderover import Mover, Munder
    from ziamath.nodes.nodetools import elementtext
    from ziamath.styles import MathVariant

SIZE = 24.0  # what one em is while laying out: two decimals are then 1/2400 em
_FONT = "rankscope"
_SIGNS = frozenset("+-−±∓")
_BARS = frozenset("|‖∣∥")
_BINARY = frozenset("×÷⊗⊕⊖⊙∘∗⋆·⋅∧∨∩∪∖⧵\\")
_ORDINARY = frozenset("∀∃∄∅∞∆∇∂∠⊤⊥¬′")
_ROWS = frozenset({"mrow", "math", "mtd", "msqrt", "mpadded", "mphantom", "menclose"})
_CLOSING = frozenset(")]}⟩⌋⌉!′")
_ACCENTS = {"^": "ˆ", "~": "˜"}  # over one letter; wide ones are the combining characters
_WIDE_ACCENTS = {"^": "\u0302", "~": "\u0303"}
_STANDING = frozenset("↑↓⇑⇓⟨⟩‖∥|∣")  # stretch in MathML, in LaTeX only after \left
_SCRIPTS = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_VARIANTS = {"double-struck": "double", "sans-serif": "sans", "monospace": "mono"}
# Digits of their own, and bold letters, which are upright; ziamath has neither of them.
_DIGITS = {"bold": 0x1D7CE, "bold-italic": 0x1D7CE, "double-struck": 0x1D7D8,
           "sans-serif": 0x1D7E2, "monospace": 0x1D7F6}  # fmt: skip
_BOLD = {ord("A") + n: 0x1D400 + n for n in range(26)} | {
    ord("a") + n: 0x1D41A + n for n in range(26)
}
_NOWHERE = (9999.0, -9999.0)
_HEIGHTS = ("rowymin", "rowymax")
_OVERHANG = SIZE / 20
_TALLEST = 150 * SIZE


def typeset(root: ET.Element) -> tuple[str, float, float, float]:
    """Return a picture of ``math`` and its width, height and depth in em.

    Raises
    ------
    FormulaError
        When ziamath cannot lay it out.
    """
    _set_up()
    root = copy.deepcopy(root)
    root.attrib.pop("xmlns", None)  # ziamath parses it anew and does not know the names then
    _prepare(root)
    try:
        laid_out = zmath.Math(root, size=SIZE, font=_FONT).node
        left, right, bottom, top = _extent(laid_out)
        svg = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", fill="currentColor")
        laid_out.draw(0, 0, svg)
    except Exception as error:  # whatever ziamath raises on what it cannot lay out
        raise FormulaError(f"a formula that cannot be drawn: {error!r}") from error
    width, height = right - left, top - bottom
    if not (math.isfinite(width + height) and 0 <= width < 1e5 and 0 <= height < 1e5):
        raise FormulaError("a formula that cannot be drawn: it has no size")
    for shape in svg.iter():
        if shape.get("fill") == "currentColor" and shape is not svg:
            del shape.attrib["fill"]  # the whole picture has it
    svg.set("viewBox", f"{left:.2f} {-top:.2f} {width:.2f} {height:.2f}")
    drawn = ET.tostring(svg, encoding="unicode")
    return drawn, width / SIZE, height / SIZE, -bottom / SIZE


def _extent(node: Any) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top: of the ink, and of the line it stands on."""
    box = node.bbox
    return min(box.xmin, 0.0), max(box.xmax, 0.0), min(box.ymin, 0.0), max(box.ymax, 0.0)


_both_scripts = Msubsup._setup
_bars: dict[Any, Any] = {Mover: Mover._setup, Munder: Munder._setup}
_glyph = drawable.Glyph.draw


# ---- the tree, as ziamath needs it


def _prepare(root: ET.Element) -> None:
    _spread_styles(root)
    _write_out(root)
    _unary_signs(root)
    _space_names(root)
    _splice(root)


def _spread_styles(element: ET.Element) -> None:
    """Turn each ``mstyle`` into a row whose parts have its attributes."""
    if element.tag == "mstyle":
        for child in element:
            child.attrib = {**element.attrib, **child.attrib}
        element.tag, element.attrib = "mrow", {}
    for child in element:
        _spread_styles(child)


def _write_out(element: ET.Element) -> None:
    """Say what ziamath takes for granted otherwise than LaTeX does."""
    text = elementtext(element)
    if variant := element.get("mathvariant"):
        if element.tag in ("mi", "mn") and variant in _DIGITS:
            element.text = text.translate({ord("0") + n: _DIGITS[variant] + n for n in range(10)})
        if element.tag == "mi" and variant == "bold":
            element.text = (element.text or "").translate(_BOLD)
        element.set("mathvariant", _VARIANTS.get(variant, variant))
    if element.tag in ("mo", "mi") and text in _STANDING and "stretchy" not in element.attrib:
        element.set("stretchy", "false")
    if element.tag == "mo" and text:
        _space_operator(element, text)
    if element.tag == "mi" and len(text) > 1 and text[0].isalpha():
        element.tag = "mo"
    if element.tag == "mtable":
        element.attrib.setdefault("columnspacing", "0.8em")
        if element.get("rowspacing") == "3pt":
            element.set("rowspacing", "0.45em")
    if element.tag in ("mi", "mn", "mtext") and not element.text:
        element.tag, element.attrib = "mspace", {"width": "0em"}
    for left, right in itertools.pairwise(element):
        for bar, other in ((left, right), (right, left)):  # about a matrix
            if elementtext(bar) in _BARS and other.tag == "mtable":
                bar.attrib.setdefault("stretchy", "true")
        if (elementtext(left), elementtext(right)) == (":", "="):
            left.set("rspace", "0em")
            right.set("lspace", "0em")
    small: list[ET.Element] = []
    if element.tag == "mfrac":
        small = list(element)  # a sum below a fraction line is small
    elif element.tag in _SCRIPTS:
        small = list(element)[1:]
        for mark in element[1:]:
            if mark.tag == "mo" and elementtext(mark) in _ACCENTS:
                narrow = element.get("accent") == "true" or mark.get("stretchy") == "false"
                mark.text = (_ACCENTS if narrow else _WIDE_ACCENTS)[elementtext(mark)]
    elif element.tag == "mtable" and element.get("displaystyle") != "true":
        small = [cell for row in element for cell in row]
    for child in small:
        child.attrib.setdefault("displaystyle", "false")
    for child in element:
        _write_out(child)


def _space_operator(element: ET.Element, text: str) -> None:
    """Give an operator the blanks of LaTeX where ziamath has none."""
    known = operators.get_params(text, "infix")
    if known.get("largeop") == "true":
        element.attrib.setdefault("stretchy", "false")  # it has two sizes and grows with nothing
    if text in _BINARY:
        space = "mediummathspace"
    elif not known and len(text) == 1 and unicodedata.category(text) == "Sm":
        space = "0em" if text in _ORDINARY else "thickmathspace"
    else:
        return
    for side in ("lspace", "rspace"):
        element.attrib.setdefault(side, space)


def _is_name(element: ET.Element) -> bool:
    """Whether this is an operator such as log or a sum, perhaps with scripts."""
    while element.tag in _SCRIPTS:
        element = element[0]
    text = elementtext(element)
    if element.tag not in ("mo", "mi"):
        return False
    if len(text) > 1:
        return text[0].isalpha()
    return operators.get_params(text, "infix").get("largeop") == "true"


def _space_names(row: ET.Element) -> None:
    """Set a thin blank between log, a sum and their kin and what stands beside them."""
    parts: list[ET.Element] = []
    for child in row:
        _space_names(child)
        if not _is_name(child) or row.tag in _SCRIPTS:
            needed = parts and _is_name(parts[-1]) and child.tag != "mo"
        else:
            needed = parts and (
                parts[-1].tag not in ("mo", "mspace")
                or _is_name(parts[-1])
                or elementtext(parts[-1]) in _CLOSING
            )
            base = child
            while base.tag in _SCRIPTS:
                base = base[0]
            base.attrib.update(lspace="0em", rspace="0em")
        if needed and row.tag in _ROWS:
            parts.append(ET.Element("mspace", width="0.167em"))
        parts.append(child)
    row[:] = parts


def _unary_signs(row: ET.Element) -> None:
    """Mark a sign after nothing, an opening bracket or an operator: it belongs to what follows."""
    bars = 0
    operand = False  # whether what stands before can be added to
    for child in row:
        text = elementtext(child)
        if child.tag in _SCRIPTS and elementtext(child[0]) in _BARS:
            bars += 1
            operand = bars % 2 == 0
        elif child.tag != "mo":
            operand = operand or child.tag != "mspace"
        elif text in _SIGNS:
            if not operand and row.tag not in _SCRIPTS:
                child.set("form", "prefix")
            operand = False
        elif text in _BARS:
            bars += 1
            operand = bars % 2 == 0
        else:
            operand = text in _CLOSING or child.get("form") == "postfix" or text == "∞"
        _unary_signs(child)


def _splice(element: ET.Element) -> None:
    """Take away rows that change nothing: ziamath lays out each one anew."""
    for child in element:
        _splice(child)
    parts: list[ET.Element] = []
    for child in element:
        if child.tag != "mrow" or child.attrib:
            parts.append(child)
        elif len(child) == 0:
            child.tag, child.attrib = "mspace", {"width": "0em"}
            parts.append(child)
        elif len(child) == 1 and child[0].tag != "mo":
            parts.append(child[0])
        elif element.tag in _ROWS and not any(part.tag == "mo" for part in child):
            parts.extend(child)
        else:
            parts.append(child)
    element[:] = parts


# ---- what is changed in ziamath


def _set_up() -> None:
    """Load the font and close the gaps of ziamath, once."""
    if _FONT in zmath.loadedfonts:
        return
    config.svg2 = False  # paths: QtSvg does not draw symbols by reference
    config.precision = 2
    config.math.color = "currentColor"
    setattr(Mrow, "_setup_single_line", _lay_out_line)  # noqa: B010 - of a library
    setattr(Msubsup, "_setup", _set_up_both_scripts)  # noqa: B010
    setattr(drawable.Glyph, "draw", _draw_glyph)  # noqa: B010
    for kind in _bars:
        kind._setup = _set_up_bar
    zmath.loadedfonts[_FONT] = _Font(zmath.loadedfonts["default"].info.filename, SIZE)


class _Font(MathFont):
    """The font of formulas, which leaves to the screen's fonts the characters it lacks."""

    def findglyph(self, char: str, variant: MathVariant) -> SimpleGlyph:
        for wanted in (variant, MathVariant(style="serif", normal=True)):
            glyph = super().findglyph(char, wanted)
            if glyph.index != 0 or char.isspace():
                return glyph
        return _Foreign(char, self)


class _Foreign(SimpleGlyph):
    """A character that the font lacks: text one em wide (Chinese in ``\\text``)."""

    def __init__(self, char: str, font: MathFont) -> None:
        em = font.info.layout.unitsperem
        super().__init__(0, [], BBox(0, em, -0.12 * em, 0.88 * em), font)
        self.shown = char

    def advance(self, nextchr: SimpleGlyph | None = None) -> int:
        return int(self.font.info.layout.unitsperem)

    def place(self, x: float, y: float, point_size: float) -> ET.Element:
        place = {"x": f"{x:.2f}", "y": f"{y:.2f}", "font-size": f"{point_size:.2f}"}
        text = ET.Element("text", place)
        text.text = self.shown
        return text


def _lay_out_line(row: Any, line: list[ET.Element], **kwargs: Any) -> None:
    """Lay out a row, its brackets last: they then know how tall the rest is.

    ziamath lays out all of it twice for that, and so what is nested n deep 2^n times.
    """
    line = [child for child in line if child.tag != "mo" or elementtext(child)]
    kwargs = {name: value for name, value in kwargs.items() if name not in _HEIGHTS}
    row.nodes, row.nodexy = [], []
    bottom, top = _NOWHERE
    for child in line:
        node = Mnode.fromelement(child, parent=row, **kwargs)
        row.nodes.append(node)
        if not _stretches(node):
            bottom, top = min(bottom, node.bbox.ymin), max(top, node.bbox.ymax)
    if top - bottom > _TALLEST:  # nested brackets double what they hold
        raise FormulaError("a formula that is too tall")
    if bottom <= top:
        heights = dict(zip(_HEIGHTS, (bottom, top), strict=True))
        for at, child in enumerate(line):
            if _stretches(row.nodes[at]):
                row.nodes[at] = Mnode.fromelement(child, parent=row, **kwargs, **heights)
    x = left = right = 0.0
    bottom, top = _NOWHERE
    for node in row.nodes:
        if node.mtag in _SCRIPTS and node.bbox.xmin < -_OVERHANG:
            x -= node.bbox.xmin  # limits wider than their operator push it to the right
        row.nodexy.append((x, 0))
        left, right = min(left, x + node.bbox.xmin), max(right, x + node.bbox.xmax)
        bottom, top = min(bottom, node.bbox.ymin), max(top, node.bbox.ymax)
        x += node.xadvance()
    row.bbox = BBox(left, right, bottom, top) if bottom <= top else BBox(0, x, 0, 0)
    row._xadvance = x


def _set_up_both_scripts(node: Any, **kwargs: Any) -> None:
    """Lay out a base with both scripts in the box that holds all three."""
    _both_scripts(node, **kwargs)
    places = list(zip(node.nodexy, node.nodes, strict=True))
    node.bbox = BBox(
        min(x + part.bbox.xmin for (x, _), part in places),
        max(node.bbox.xmax, *(x + part.bbox.xmax for (x, _), part in places)),
        min(part.bbox.ymin - y for (_, y), part in places),
        max(part.bbox.ymax - y for (_, y), part in places),
    )


def _set_up_bar(node: Any, **kwargs: Any) -> None:
    """Lay out what stands over or under something; a bar there has its ink, not black."""
    mark = node.over if isinstance(node, Mover) else node.under
    if isinstance(mark, drawable.HLine):
        mark.style = node.style
    _bars[type(node)](node, **kwargs)


def _draw_glyph(glyph: Any, x: float, y: float, svg: ET.Element) -> tuple[float, float]:
    """Draw a glyph by itself: a blank would give its ink to what was drawn before it."""
    drawn = ET.Element("g")
    end = _glyph(glyph, x, y, drawn)
    svg.extend(drawn)
    return end


def _stretches(node: Any) -> bool:
    """Whether a bracket of this row grows with it: an operator, perhaps with scripts."""
    while node.mtag in ("msub", "msup", "msubsup"):
        node = node.base
    return bool(node.mtag == "mo" and node.params.get("stretchy", "false") != "false")
