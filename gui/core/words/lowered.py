"""Formulas in a line: ‖M‖_F is set with a lowered F, for which Unicode has no letter."""

from __future__ import annotations

import html
import re

SHARE = 0.7  # of the size of the text
DROP = 0.2  # of the size of the text, below the line

_INDEX = re.compile("(?<=‖)_([A-Za-z])")  # names of files and entries have no ‖


def lowered(text: str) -> list[tuple[str, bool]]:
    """Return the pieces of a text, each with whether it is set lower and smaller.

    Examples
    --------
    >>> lowered("‖A‖_F / n")
    [('‖A‖', False), ('F', True), (' / n', False)]
    >>> lowered("router_F")
    [('router_F', False)]
    """
    pieces = _INDEX.split(text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def lowered_html(text: str) -> str:
    """Return a text as HTML, in which nothing but its indices is markup.

    Examples
    --------
    >>> lowered_html("‖A‖_F < 1")
    '‖A‖<sub>F</sub> &lt; 1'
    """
    pieces = ((html.escape(piece, quote=False), low) for piece, low in lowered(text))
    return "".join(f"<sub>{piece}</sub>" if low else piece for piece, low in pieces)


# What formulas of operators are typed with, as code is, and how they are written.
_WRITTEN = (
    (re.compile(r"\blam\b"), "λ"),
    (re.compile(r"\b([pxyz])_i\b"), "\\1ᵢ"),
    (re.compile(r"\b([pxyz])_j\b"), "\\1ⱼ"),
    (re.compile(r"\be\^[-−]t\b"), "e⁻ᵗ"),
    (re.compile(r"\be\^t\b"), "eᵗ"),
    (re.compile(r"\bsum p\b"), "Σp"),
    (re.compile(r" - "), " − "),
)


def written(formula: str) -> str:
    """Return a formula as it is written, not typed, as far as a line of letters can say it.

    Examples
    --------
    >>> written("p_i = F(z_i - lam), F(t) = 1 / (1 + e^-t), lam such that sum p = k")
    'pᵢ = F(zᵢ − λ), F(t) = 1 / (1 + e⁻ᵗ), λ such that Σp = k'
    """
    for typed, proper in _WRITTEN:
        formula = typed.sub(proper, formula)
    return formula
