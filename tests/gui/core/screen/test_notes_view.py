"""Formulas in a text: on the line, in its ink, sharp, drawn when seen, and copied as LaTeX."""

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPalette, QTextCursor

from gui.core.screen.notes import NotesView

MIXED = r"""# Title

In $p_i$ and $\frac{1}{1+e^{-t}}$ with | bars.

$$\sum_{i=1}^n x_i$$

| a | b |
|---|---|
| $|x|$ | two |

\(k\) ends, $\nonsense$ stays.
"""


@pytest.fixture
def view(qtbot):
    view = NotesView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def pixels(view, scale):
    image = QImage(view.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    view.render(image)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return data[..., :3].astype(int)


def ink_rows(data, left, right):
    """First and last row with ink between two columns."""
    part = data[:, left:right]
    dark = np.abs(part - part[0, 0]).sum(axis=2) > 150
    rows = np.flatnonzero(dark.any(axis=1))
    return int(rows[0]), int(rows[-1])


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("size", [12, 14, 17, 20])
@pytest.mark.parametrize("deep", [False, True], ids=["shallow", "deep"])
def test_a_formula_stands_on_the_baseline_of_its_line(view, size, scale, deep):
    font = view.font()
    font.setPixelSize(size)
    view.setFont(font)
    tex = r"\mathrm{E}" + (r"\frac{\frac11}{\frac11}" if deep else "")
    view.show_markdown(f"EEEEEEEE ${tex}$")
    cursor = QTextCursor(view.document())
    cursor.setPosition(9)
    data = pixels(view, scale)
    start = view.cursorRect(cursor).left()
    cursor.setPosition(0)
    text = view.cursorRect(cursor)
    top = int((text.top() - 3 * size) * scale) if text.top() > 3 * size else 0
    data = data[top:]
    letters = ink_rows(data, int(text.left() * scale), int((text.left() + 4 * size) * scale))
    # The E of the formula is its first letter, half an em wide.
    formula = ink_rows(data, int(start * scale) + 1, int((start + 0.45 * size) * scale))
    assert abs(formula[1] - letters[1]) <= 1


def test_formulas_are_drawn_in_the_ink_of_the_text(view):
    palette = QPalette(view.palette())
    palette.setColor(QPalette.ColorRole.Text, QColor("#ff0000"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#000000"))
    view.setPalette(palette)
    view.show_markdown(r"$$\blacksquare$$")
    data = pixels(view, 1)[20:200, 100:500]
    inked = data[data.sum(axis=2) > 0]
    assert inked.size
    assert set(map(tuple, inked[:, :2])) == {(0, 0)}  # blue and green: none
    palette.setColor(QPalette.ColorRole.Text, QColor("#00ff00"))
    view.setPalette(palette)
    data = pixels(view, 1)[20:200, 100:500]
    assert data[..., 1].max() > 200
    assert data[..., 2].max() == 0


def test_twice_as_many_pixels_make_a_finer_picture(view):
    view.show_markdown(r"$$\int_0^1 \sqrt{x}\,dx$$")
    one, two = (pixels(view, scale).sum(axis=2) for scale in (1, 2))
    doubled = one.repeat(2, axis=0).repeat(2, axis=1)
    place = np.s_[20:160, 400:800]
    assert np.abs(doubled[place] - two[place]).max() > 100  # not the coarse one, enlarged


def test_only_what_is_in_sight_is_drawn(view, qtbot):
    view.show_markdown("\n\n".join(f"$$x_{{{number}}}$$" for number in range(60)))
    pixels(view, 1)
    drawn = view.drawn_formulas
    assert view.formula_count == 60
    assert 0 < drawn < 30
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    pixels(view, 1)
    assert drawn < view.drawn_formulas < 60


def test_what_is_copied_has_the_latex(view):
    view.show_markdown(MIXED)
    view.selectAll()
    text = view.createMimeDataFromSelection().text()
    for said in (
        "Title", "In $p_i$ and $\\frac{1}{1+e^{-t}}$ with | bars.", "$$\\sum_{i=1}^n x_i$$",
        "$|x|$", "$k$ ends", "\\nonsense stays",
    ):  # fmt: skip
        assert said in text
    assert "\ufffc" not in text


def test_what_cannot_be_read_is_shown_as_its_source(view):
    view.show_markdown(MIXED)
    assert "\\nonsense" in view.toPlainText()
    assert view.formula_count == 5


def test_a_part_of_a_line_is_copied_with_its_own_formula(view):
    view.show_markdown("a $x$ b $y$ c")
    cursor = view.textCursor()
    cursor.setPosition(4)
    cursor.setPosition(9, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected_source().strip() == "b $y$ c"


def test_another_text_takes_the_place_of_the_first(view):
    view.show_markdown("$a$ $b$")
    pixels(view, 1)
    view.show_markdown("no formula")
    assert (view.formula_count, view.drawn_formulas) == (0, 0)
    assert view.toPlainText() == "no formula"


def test_words_are_found_round_the_end_of_the_text(view):
    view.show_markdown("one two one")
    assert view.find_words("one")
    assert view.find_words("one")
    assert view.textCursor().selectionStart() == 8
    assert view.find_words("one")
    assert view.textCursor().selectionStart() == 0
    assert view.find_words("one", back=True)
    assert view.textCursor().selectionStart() == 8
    assert not view.find_words("three")


def test_links_are_told_and_not_followed(view, qtbot):
    view.show_markdown("[there](rankscope:note/spectrum#density)")
    with qtbot.waitSignal(view.link_chosen) as told:
        view.anchorClicked.emit(view.anchorAt(view.cursorRect().center()) or "rankscope:x")
    assert told.args
    assert view.toPlainText() == "there"


def test_nothing_of_it_is_imported_with_the_program():
    code = (
        "import sys, gui.app\n"
        "late = ('markdown_it', 'latex2mathml', 'ziamath', 'ziafont', 'engine.search',"
        " 'gui.core.screen.notes', 'gui.window.finding.panel')\n"
        "print([name for name in late if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
