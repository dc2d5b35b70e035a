"""Tables as many programs write them, with numbers known beforehand: what is read has to be those.

Also whatever comes of characters put together at random: numbers or a FileError, nothing else; the
reading that the entry of a table tells reads the same again.
"""

from __future__ import annotations

import itertools
import os
import tempfile

import numpy as np

from engine.errors import FileError
from engine.files import open_matrix_file

CHARACTERS = list('0123456789.,;|\t "#\n\r-+eEDijNA%$€()_=\u2212\xa0\u2028é')
WORDS = ("a", "b c", "x1", "Zoë", "the", "km", "2018", "NA", "1.5", "-2,5", "1,234", "5%", "$7")


def written_tables_are_read(rng):
    """Rows of one separator and decimal mark, with or without headings, labels, quotes, remarks."""
    rows, columns = (int(n) for n in rng.integers(2, 12, 2))
    places = int(rng.integers(1, 6))
    numbers = np.round(rng.normal(0, 10.0 ** rng.integers(0, 4), (rows, columns)), places)
    separator = str(rng.choice([",", ";", "\t", "|"]))
    comma = bool(separator in ";\t" and rng.random() < 0.5)
    end = str(rng.choice(["\n", "\r\n"]))
    labelled, headed, quoted = (bool(flag) for flag in rng.random(3) < 0.5)

    def spelled(value):
        text = f"{value:.{places}f}"
        text = text.replace(".", ",") if comma else text
        return f'"{text}"' if quoted else text

    lines = [
        separator.join(([f"row {i}"] if labelled else []) + list(map(spelled, row)))
        for i, row in enumerate(numbers.tolist())
    ]
    if headed:
        names = ["name"] * labelled + [f"v{j}" for j in range(columns)]
        lines.insert(0, separator.join(names))
    if rng.random() < 0.3 and headed:
        lines = ["Instrument: HX-200", "made at night", "", *lines]
    content = end.join([*lines, ""])
    encoding = str(rng.choice(["utf-8", "utf-8-sig", "utf-16"]))
    # Three decimals behind a comma may be a group of digits: that is told, not known.
    if comma and places == 3:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = _written(folder, content.encode(encoding))
        with open_matrix_file(path) as source:
            np.testing.assert_array_equal(
                source.read("t").reshape(rows, columns), numbers, err_msg=repr(content)
            )


def printed_matrices_are_read_whole_or_refused(rng):
    """What programs show of a matrix: its numbers; damaged, other numbers or a FileError."""
    rows, columns = (int(n) for n in rng.integers(2, 9, 2))
    numbers = np.round(rng.normal(0, 100.0, (rows, columns)), 2)
    name = str(rng.choice(list(PRINTS)))
    if name == "counts of fortran":
        numbers = np.round(numbers / 200)
    if name == "fixed width":
        numbers = np.array([[float(f"{x:.3e}") for x in row] for row in numbers.tolist()])
    content = PRINTS[name](numbers)
    with tempfile.TemporaryDirectory() as folder:
        with open_matrix_file(_written(folder, content.encode())) as source:
            got = source.read("t")
        expected = numbers.reshape(-1) if name == "vector of R" else numbers
        np.testing.assert_allclose(
            got.reshape(expected.shape), expected, rtol=1e-14, atol=1e-12, err_msg=content
        )
        for _ in range(4):
            place = int(rng.integers(0, len(content)))
            cut = content[:place] + str(rng.choice(["", "\n", "}", "..."])) + content[place + 1 :]
            try:
                open_matrix_file(_written(folder, cut.encode())).read("t")
            except FileError as error:
                assert error.problem
    return name


def _matlab(numbers):
    half = numbers.shape[1] // 2
    # As `format long` has them: four decimals of thousands would lose digits.
    left, right = (
        "\n".join("  ".join(f"{x / 1e3:.10f}" for x in row) for row in part.tolist())
        for part in (numbers[:, :half], numbers[:, half:])
    )
    first, second = f"  Columns 1 through {half}", f"  Columns {half + 1} to {numbers.shape[1]}"
    return f"A =\n\n   1.0e+03 *\n\n{first}\n\n{left}\n\n{second}\n\n{right}\n\n"


def _vector_of_r(numbers):
    flat = numbers.reshape(-1).tolist()
    lines = [
        f"[{start + 1}] " + " ".join(map(repr, flat[start : start + 5]))
        for start in range(0, len(flat), 5)
    ]
    return "\n".join(lines) + "\n"


def _matrix_of_r(numbers):
    half, lines = numbers.shape[1] // 2, []
    for first, part in ((0, numbers[:, :half]), (half, numbers[:, half:])):
        lines.append("      " + " ".join(f"[,{first + j + 1}]" for j in range(part.shape[1])))
        lines += [f"[{i + 1},] " + " ".join(map(repr, row)) for i, row in enumerate(part.tolist())]
    return "\n".join(lines) + "\n"


def _latex(numbers):
    body = " \\\\\n".join(" & ".join(map(repr, row)) for row in numbers.tolist())
    return f"\\begin{{bmatrix}}\n{body}\n\\end{{bmatrix}}\n"


def _box(numbers):
    lines = ["│ " + " ┆ ".join(map(repr, row)) + " │" for row in numbers.tolist()]
    head = "│ " + " ┆ ".join(f"c{j}" for j in range(numbers.shape[1])) + " │"
    return "\n".join(["┌───┐", head, "╞═══╡", *lines, "└───┘"]) + "\n"


def _grid(numbers):
    head = f"ncols {numbers.shape[1]}\nnrows {len(numbers)}\nxllcorner 0\nyllcorner 0\n"
    return head + "\n".join(" ".join(map(repr, row)) for row in numbers.tolist()) + "\n"


def _grass(numbers):
    head = "north: 2\nsouth: 0\neast: 3\nwest: 0\nrows: %d\ncols: %d\nmultiplier: 2\n"
    rows = "\n".join(" ".join(map(repr, row)) for row in (numbers / 2).tolist())
    return head % numbers.shape + rows + "\n"


def _deparsed(numbers):
    cells = ", ".join(map(repr, numbers.T.ravel().tolist()))
    return f"structure(c({cells}), dim = c({numbers.shape[0]}L, {numbers.shape[1]}L))\n"


def _eurostat(numbers):
    head = "freq,geo\\TIME_PERIOD\t" + "\t".join(f"{2000 + j} " for j in range(numbers.shape[1]))
    rows = [
        f"A,{i}\t" + "\t".join(f"{x!r} e" for x in row) for i, row in enumerate(numbers.tolist())
    ]
    return "\n".join([head, *rows]) + "\n"


def _counted(numbers):
    """As Fortran's list-directed output writes equal numbers that follow each other."""
    rows = []
    for row in numbers.tolist():
        found = [(value, len([*same])) for value, same in itertools.groupby(row)]
        rows.append(" ".join(f"{n}*{value!r}" if n > 1 else repr(value) for value, n in found))
    return "\n".join(rows) + "\n"


def _fixed(numbers):
    return "\n".join("".join(f"{x:11.3e}" for x in row) for row in numbers.tolist()) + "\n"


def _ended(numbers):
    return "\n".join(" ".join(map(repr, row)) + ";" for row in numbers.tolist()) + "\n"


def _joined(numbers):
    rows = [", ".join(repr(x).replace(".", ",") for x in row) for row in numbers.tolist()]
    return "\n".join(rows) + "\n"


def _lined_up(numbers):
    """As pandas prints a table, under names of two words."""
    names = "".join(f"{f'long c{j}':>12}" for j in range(numbers.shape[1]))
    rows = [
        f"{i:<3}" + "".join(f"{x:12.2f}" for x in row) for i, row in enumerate(numbers.tolist())
    ]
    return "\n".join([f"   {names}", *rows]) + "\n"


def _armadillo(numbers):
    rows = "\n".join("  ".join(map(repr, row)) for row in numbers.tolist())
    return f"ARMA_MAT_TXT_FN008\n{numbers.shape[0]} {numbers.shape[1]}\n{rows}\n"


def _octave(numbers):
    head = "# Created by Octave 8.4.0\n# name: A\n# type: matrix\n# rows: {}\n# columns: {}\n"
    rows = "\n".join(" " + " ".join(map(repr, row)) for row in numbers.tolist())
    return head.format(*numbers.shape) + rows + "\n\n\n"


PRINTS = {
    "counts of fortran": _counted,
    "fixed width": _fixed,
    "ended": _ended,
    "joined": _joined,
    "lined up": _lined_up,
    "armadillo": _armadillo,
    "octave": _octave,
    "matlab": _matlab,
    "vector of R": _vector_of_r,
    "matrix of R": _matrix_of_r,
    "latex": _latex,
    "box": _box,
    "grid": _grid,
    "grass": _grass,
    "dput": _deparsed,
    "eurostat": _eurostat,
    "numpy": repr,
}


def characters_give_numbers_or_a_file_error(rng):
    """Random characters, and words between separators."""
    scattered, separator = rng.random() < 0.5, ""
    if scattered:
        content = "".join(rng.choice(CHARACTERS, size=int(rng.integers(1, 200))))
    else:
        separator = str(rng.choice([",", ";", "\t", " "]))
        width = int(rng.integers(1, 5))
        content = "\n".join(
            separator.join(rng.choice(WORDS, size=width)) for _ in range(int(rng.integers(1, 9)))
        )
    with tempfile.TemporaryDirectory() as folder:
        path = _written(folder, content.encode())
        try:
            source = open_matrix_file(path)
        except FileError as error:
            assert error.problem
            return
        entry = source.entries[0]
        got = source.read(entry.name)
        assert (got.shape, got.dtype) == (entry.shape, entry.dtype)
        if separator not in (",", ";", "\t"):
            # What is no table has no reading that would be worth a word.
            return
        with open_matrix_file(path, reading=entry.reading) as again:
            np.testing.assert_array_equal(again.read(entry.name), got, err_msg=repr(content))


def _written(folder, content):
    path = os.path.join(folder, "t.csv")
    with open(path, "wb") as stream:
        stream.write(content)
    return path


CHECKS = (
    written_tables_are_read,
    printed_matrices_are_read_whole_or_refused,
    characters_give_numbers_or_a_file_error,
)
