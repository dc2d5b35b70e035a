"""The index of a norm, for which Unicode has no letter: ‖M‖_F is set with a lowered F."""

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
