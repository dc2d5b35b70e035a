"""What R, MATLAB, pandas, Polars, LaTeX, ArcInfo and others show is read as they mean it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file

NAN = float("nan")
THREE = [[1.5, -2.5, 9.5], [3.5, 4.5, 8.5]]
SHOWN = "name, factor and blocks of columns are put together"
# File, contents, numbers, names of columns and of rows, a word of the notes.
CASES = {
    "matlab": ("t.txt", "A =\n\n    1.5   -2.5\n    3.5    4.5\n\n", [[1.5, -2.5], [3.5, 4.5]]),
    "matlab factor": (
        "t.txt",
        "A =\r\n\r\n   1.0e+03 *\r\n\r\n    1.5000   -2.5\r\n         0    0.0045\r\n",
        [[1500, -2500], [0, 4.5]],
    ),
    "matlab blocks": (
        "t.txt",
        "ans =\n\n  Columns 1 through 2\n\n    1.5   -2.5\n    3.5    4.5\n\n  Column 3\n\n"
        "    9.5\n    8.5\n",
        THREE,
    ),
    "octave blocks": (
        "t.txt",
        "A =\n\n Columns 1 and 2:\n\n   1.5  -2.5\n   3.5   4.5\n\n Column 3:\n\n   9.5\n   8.5\n",
        THREE,
    ),
    "matlab complex": (
        "t.txt",
        "z =\n\n   1.0000 + 2.0000i   3.0000 - 1.0000i\n   0.5000 + 0.0000i   2.0000 + 1.0000i\n",
        [[1 + 2j, 3 - 1j], [0.5, 2 + 1j]],
    ),
}
OTHERS = {
    "r vector": ("t.txt", "[1] 1.5 2.5 NA\n[4] 4.5\n", [1.5, 2.5, NAN, 4.5], [], [], "as R shows"),
    "r session": ("t.txt", "> x\n [1] 1.5 2.5\n", [1.5, 2.5], [], [], "as R shows"),
    "r matrix in blocks": (
        "t.txt",
        "     [,1] [,2]\n[1,]  1.5 -2.5\n[2,]  3.5  4.5\n     [,3]\n[1,]  9.5\n[2,]  8.5\n",
        THREE,
        ["[,1]", "[,2]", "[,3]"],
        ["[1,]", "[2,]"],
        SHOWN,
    ),
    "pandas in blocks": (
        "t.txt",
        "     a    b  \\\n0  1.5 -2.5   \n1  3.5  4.5   \n\n     c  \n0  9.5  \n1  8.5  \n",
        THREE,
        ["a", "b", "c"],
        ["0", "1"],
        SHOWN,
    ),
    "polars": (
        "t.txt",
        "shape: (2, 2)\n┌──────┬──────┐\n│ a    ┆ b    │\n│ ---  ┆ ---  │\n│ f64  ┆ f64  │\n"
        "╞══════╪══════╡\n│ 1.5  ┆ -2.5 │\n│ 3.5  ┆ 4.5  │\n└──────┴──────┘\n",
        [[1.5, -2.5], [3.5, 4.5]],
        ["a", "b"],
        [],
        "lines drawn around",
    ),
    "latex matrix": (
        "t.tex",
        "\\begin{bmatrix}\n1.5 & -2.5 \\\\\n3.5 & 4.5\n\\end{bmatrix}\n",
        [[1.5, -2.5], [3.5, 4.5]],
        [],
        [],
        "LaTeX",
    ),
    "pandas to latex": (
        "t.tex",
        "\\begin{tabular}{lrr}\n\\toprule\n & a & b \\\\\n\\midrule\nx & 1.50 & $-2.50$ \\\\\n"
        "y & 3.50 & 4.50 \\\\\n\\bottomrule\n\\end{tabular}\n",
        [[1.5, -2.5], [3.5, 4.5]],
        ["a", "b"],
        ["x", "y"],
        "LaTeX",
    ),
    "grid": (
        "dem.txt",
        "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n"
        "1.5 -9999\n3.5 4.5\n",
        [[1.5, NAN], [3.5, 4.5]],
        [],
        [],
        "-9999 is missing",
    ),
    "grid below a remark": (
        "dem.txt",
        "# made by hand\n\nNROWS 2\nNCOLS 2\ncellsize 10\nNODATA_value -9999\n"
        "1.5 -9999.0\n3.5 4.5\n",
        [[1.5, NAN], [3.5, 4.5]],
        [],
        [],
        "-9999 is missing",
    ),
    "grid whose lines end anywhere": (
        "dem.txt",
        "\nncols 3\nnrows 2\ncellsize 10\n1.5 -2.5\n9.5\n3.5\n4.5 8.5\n",
        THREE,
        [],
        [],
        "ArcInfo",
    ),
    "grid with decimal commas": (
        "dem.txt",
        "ncols 3\nnrows 2\ncellsize 10\n1,5 -2,5 9,5\n3,5 4,5 8,5\n",
        THREE,
        [],
        [],
        "Decimal commas",
    ),
    "grid of grass": (
        "dem.txt",
        "north: 20\nsouth: 0\neast: 20\nwest: 0\nrows: 2\ncols: 2\n1.5 *\n3.5 4.5\n",
        [[1.5, NAN], [3.5, 4.5]],
        [],
        [],
        "GRASS",
    ),
    "grid of surfer": (
        "dem.grd",
        "DSAA\n3 2\n0 1\n0 1\n-2.5 9.5\n1.5 -2.5\n9.5\n3.5 4.5 8.5\n",
        THREE,
        [],
        [],
        "Surfer",
    ),
    "gene pattern": (
        "t.gct",
        "#1.2\n2\t3\nName\tDescription\t1\t2\t3\n10\tna\t1.5\t-2.5\t9.5\n20\tna\t3.5\t4.5\t8.5\n",
        THREE,
        ["1", "2", "3"],
        ["10 · na", "20 · na"],
        "counts above it are left out",
    ),
    "gene pattern 1.3": (
        "t.gct",
        "#1.3\n2\t3\t0\t1\nid\tA\tB\tC\ndose\t1\t2\t3\nG\t1.5\t-2.5\t9.5\nH\t3.5\t4.5\t8.5\n",
        THREE,
        ["A", "B", "C"],
        ["G", "H"],
        "lines on its columns are left out (1)",
    ),
    "python numbers": (
        "t.csv",
        "np.float64(1.5), np.float64(-2.5)\nnp.float64(3.5), np.float64(4.5)\n",
        [[1.5, -2.5], [3.5, 4.5]],
        [],
        [],
        "names of their types",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_matlab_shows_is_read(check, case):
    check(*CASES[case], [], [], SHOWN)


@pytest.mark.parametrize("case", OTHERS)
def test_what_others_show_is_read(check, case):
    check(*OTHERS[case])


REFUSED = {
    "rows of pandas": ("     a    b\n0  1.5  2.5\n..  ...  ...\n9  1.0  2.0\n", "leaves out most"),
    "rows of pandas counted": (
        "     a    b\n0  1.5  2.5\n..  ...  ...\n9  1.0  2.0\n\n[10 rows x 2 columns]\n",
        "leaves out most",
    ),
    "columns of pandas": ("     a  ...    b\n0  1.5  ...  2.5\n1  3.5  ...  4.5\n", "leaves out"),
    "rows of polars": ("┌───┐\n│ a │\n╞═══╡\n│ 1 │\n│ … │\n└───┘\n", "leaves out most"),
    "dots of latex": (
        "\\begin{pmatrix}1 & \\cdots & 3\\\\ 4 & \\cdots & 6\\end{pmatrix}",
        "leaves",
    ),
    "two of matlab": ("a =\n\n  1  2\n\nb =\n\n  5  6\n", "several matrices .*writematrix"),
    "two of r": ("[1] 1 2\n[1] 3 4\n", r"several vectors .*write\.csv"),
    "blocks that do not fit": (
        "A =\n\n  Columns 1 through 2\n\n  1  2\n  3  4\n\n  Column 3\n\n  5\n",
        "do not fit each other",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_shows_a_part_only_is_refused(write, case):
    content, words = REFUSED[case]
    with pytest.raises(FileError, match=words):
        open_matrix_file(write("t.txt", content))


MISTYPED = {
    "below the names": ("x,y,z\n<0.05,1,3\n0.2,2,4\n0.3,5,6\n", "row 2, column 1: '<0.05'"),
    "several": ("x,y\n1_000,2\n3_500,4\n5,6\n7,8\n", "row 2, column 1: '1_000'"),
    "a footnote": ("x,y\n1.5*,2\n3,4\n5,6\n7,8\n", r"row 2, column 1: '1\.5\*'"),
    "a word": ("x,y\nabc,2\n3,4\n5,6\n7,8\n", "row 2, column 1: 'abc'"),
    "both marks": ("a;b\n1.5;2,5\n3.5;4,5\n", "decimal points or decimal commas throughout"),
}


@pytest.mark.parametrize("case", MISTYPED)
def test_a_mistyped_row_below_the_names_is_no_heading(write, case):
    content, words = MISTYPED[case]
    with pytest.raises(FileError, match=words):
        open_matrix_file(write("t.csv", content))


def test_digits_and_marks_of_other_scripts(write):
    path = write("t.csv", "＋1．5,２\n٣٫٥,４\n")
    np.testing.assert_array_equal(open_matrix_file(path).read("t"), [[1.5, 2], [3.5, 4]])
