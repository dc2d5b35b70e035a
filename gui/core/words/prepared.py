"""Formulas of the shipped notes, typeset beforehand: ``assets/notes/formulas.json.gz``.

``make notes`` (``python -m gui.core.words.prepared``) writes them; a test fails when they are old.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from gui.core.words.formula import Formula, FormulaPicture, formula_svg, inline_formula
from gui.core.words.latex import FormulaError
from gui.core.words.markdown import formulas, markdown_to_html
from gui.core.words.resources import asset
from gui.frozen import dataclass

NAME = "notes/formulas.json.gz"
_Rows = dict[str, tuple[str, float, float, float]]


def formula_picture(formula: Formula) -> FormulaPicture:
    r"""Return a formula as a picture: as prepared, else typeset now.

    Raises
    ------
    FormulaError
        When it cannot be read.

    Examples
    --------
    >>> formula_picture(Formula(r"\frac{1}{n}")).depth > 0.2
    True
    """
    found = _prepared().get(_key(formula))
    if found is not None:
        return FormulaPicture(*found)
    return formula_svg(formula.tex, formula.display)


def ready_formula(formula: Formula) -> str:
    r"""Return the HTML of a formula as `inline_formula` does, from what is prepared.

    Examples
    --------
    >>> ready_formula(Formula("k")) == inline_formula(Formula("k"))
    True
    """
    return inline_formula(formula, lambda tex, display: formula_picture(Formula(tex, display)))


def typeset_notes(folder: Path) -> _Rows:
    """Return every formula of the notes in a folder, typeset.

    Raises
    ------
    FormulaError
        When one cannot be read.
    """
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))]
    return dict(map(_row, dict.fromkeys(_formulas(texts))))


def _formulas(texts: Iterable[str]) -> Iterable[Formula]:
    return (formula for text in texts for formula in formulas(text))


def _row(formula: Formula) -> tuple[str, tuple[str, float, float, float]]:
    picture = formula_svg(formula.tex, formula.display)
    sizes = (round(size, 4) for size in (picture.width, picture.height, picture.depth))
    width, height, depth = sizes
    return _key(formula), (picture.svg, width, height, depth)


def _key(formula: Formula) -> str:
    return f"{'display' if formula.display else 'inline'} {formula.tex}"


@cache
def _prepared() -> _Rows:
    try:
        packed = asset(NAME).read_bytes()
    except FileNotFoundError:
        return {}
    rows: _Rows = json.loads(gzip.decompress(packed))
    return rows


@dataclass(frozen=True)
class Ready:
    """Reads what a note needs, off the window's thread, so that nothing waits for it there.

    Of a ``text`` in Markdown the formulas are typeset, too: they are kept for who shows it next.
    """

    text: str = " "
    cost: float = 0.0

    def run(self, progress: Any = None) -> None:
        """Import the parser, read the prepared formulas, and typeset those of the text."""
        markdown_to_html(" ")
        _prepared()
        for formula in formulas(self.text):
            if progress is not None and progress.cancelled:
                return
            with suppress(FormulaError):
                formula_picture(formula)


def main() -> int:
    """Write the prepared formulas beside the notes."""
    folder = asset("notes")
    rows = typeset_notes(folder)
    text = json.dumps(rows, ensure_ascii=False, indent=0, sort_keys=True)
    (folder / Path(NAME).name).write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(rows)} formulas, {len(text) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
