"""Formulas in LaTeX as pictures for the eye and as MathML for the ear.

What cannot be read is shown as its source. The libraries that typeset are imported with the
first formula, never with the program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape
from xml.etree import ElementTree as ET

from gui.core.words.latex import FormulaError, read
from gui.frozen import dataclass

_HIDDEN = (
    "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
)


@dataclass(frozen=True)
class Formula:
    """A formula of a text: its LaTeX without dollars, and whether it stands on its own line."""

    tex: str
    display: bool = False


@dataclass(frozen=True)
class FormulaPicture:
    """A typeset formula.

    Attributes
    ----------
    svg : str
        A standalone picture in the ink of its surroundings (``currentColor``).
    width, height, depth : float
        Its size, and how far it reaches below the line, in em of the text around.
    """

    svg: str
    width: float
    height: float
    depth: float


@lru_cache(maxsize=1024)
def formula_svg(tex: str, display: bool = False) -> FormulaPicture:
    r"""Return the formula as a picture.

    Raises
    ------
    FormulaError
        When it cannot be read, is over 2,000 characters or nested over 50 deep.
    NotText
        When it is no string.

    Examples
    --------
    >>> picture = formula_svg(r"\frac{1}{n}")
    >>> picture.height > picture.depth > 0.2
    True
    """
    root = read(tex, display)
    from gui.core.words.typeset import typeset

    return FormulaPicture(*typeset(root))


@lru_cache(maxsize=1024)
def formula_mathml(tex: str, display: bool = False) -> str:
    """Return the formula as MathML: what a screen reader speaks.

    Raises
    ------
    FormulaError
        When it cannot be read, is over 2,000 characters or nested over 50 deep.
    NotText
        When it is no string.

    Examples
    --------
    >>> formula_mathml("k")[-30:]
    '<mrow><mi>k</mi></mrow></math>'
    """
    return ET.tostring(read(tex, display), encoding="unicode")


def inline_formula(
    formula: Formula, picture_of: Callable[[str, bool], FormulaPicture] = formula_svg
) -> str:
    """Return HTML that shows the formula, speaks it, and keeps its LaTeX; never an error.

    ``picture_of(tex, display)`` draws it.

    Examples
    --------
    >>> inline_formula(Formula(r"\\nothing"))
    '<code class="math notranslate" translate="no">\\\\nothing</code>'
    """
    try:
        picture = picture_of(formula.tex, formula.display)
        spoken = formula_mathml(formula.tex, formula.display)
    except FormulaError:
        source = escape(formula.tex, quote=False)
        return f'<code class="math notranslate" translate="no">{source}</code>'
    size = (
        f"width:{picture.width:.3f}em;height:{picture.height:.3f}em;"
        f"vertical-align:{-picture.depth:.3f}em"
    )
    drawn = picture.svg.replace("<svg ", f'<svg aria-hidden="true" style="{size}" ', 1)
    tex = escape(formula.tex).replace("\n", "&#10;")
    return (
        f'<span class="math notranslate" translate="no" data-tex="{tex}">'
        f'{drawn}<span style="{_HIDDEN}">{spoken}</span></span>'
    )
