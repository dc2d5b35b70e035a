"""One rule for numbers: in boxes, pasted, in tables."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.files import open_matrix_file
from tests.support.drill.outside.running import Program
from tests.support.drill.outside.trying import check

SPELLINGS = (
    ("1.234,5", 1234.5),
    ("1,234.5", 1234.5),
    ("1'234.5", 1234.5),
    ("-1.234.567,25", -1234567.25),
)
IN_CELLS = (("1 234,5", 1234.5),)  # pasted, a blank parts two numbers


def _typed(program: Program, text: str) -> tuple[list[float], str]:
    """Type into every number box of a page; return the numbers in force, and complaints."""
    numbers, complaints = [], []
    screen = program.window.pages[program.window.page_key]
    for control in screen.controls.numbers.values():
        if not control.isEnabled():
            continue
        box = control.box
        before = control.value()
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        program.wait(lambda: True)
        numbers.append(control.value() if control.value() != before else float("nan"))
        complaints.append(control.error())
    return numbers, "\n".join(complaints)


def _boxes(page: str, text: str) -> None:
    def run(folder: Path) -> None:
        program = Program(folder, page)
        program.rest()
        program.window.show_page(page)
        program.rest()
        numbers, said = _typed(program, text)
        wrong = [one for one in numbers if abs(one - 1.2345) < 1e-9]
        assert numbers, "no box"
        assert not wrong, f"taken as 1.2345; {said}"
        program.end()

    check(f"numbers: 1.234,5 in every box of {page} is never 1.2345")(run)


for _page in ("topk", "spectrum", "column_row", "position"):
    _boxes(_page, "1.234,5")


@check("numbers: pasted, each spelling is the number it says")
def _(folder: Path) -> None:
    program = Program(folder, "topk")
    program.rest()
    for text, number in SPELLINGS:
        QGuiApplication.clipboard().setText(f"{text}\n2\n3")
        program.window.pages["topk"].entry.paste()
        program.rest()
        override = program.store["topk"].override
        assert override is not None, (text, program.said())
        assert override.numbers[0] == number, (text, override.numbers)
    program.end()


@check("numbers: in a table, each spelling is the number it says")
def _(folder: Path) -> None:
    for place, (text, number) in enumerate((*SPELLINGS, *IN_CELLS)):
        path = folder / f"t{place}.csv"
        path.write_text(f"a;b\n{text};2\n{text};3\n")
        with open_matrix_file(path) as source:
            found = source.read(source.entries[0].name)
        assert float(found[0, 0]) == number, (text, found)
