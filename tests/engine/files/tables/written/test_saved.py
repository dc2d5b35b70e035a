"""What Octave, Armadillo, Fortran, R and others make of rows, in words of their own."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file

NAN = np.nan
OCTAVE = "# Created by Octave 8.4.0\n# name: G\n# type: {}\n# rows: 2\n# columns: 2\n"
# File, contents, numbers, names of columns and of rows, a word of the notes.
CASES = {
    "octave": (
        "g.txt",
        OCTAVE.format("matrix") + " 8 7.5\n 6 5\n\n\n",
        [[8, 7.5], [6, 5]],
        [],
        [],
        "",
    ),
    "octave complex": (
        "g.txt",
        OCTAVE.format("complex matrix") + " (1,9) (2,-8)\n (3,7) (4,0)\n",
        [[1 + 9j, 2 - 8j], [3 + 7j, 4]],
        [],
        [],
        "",
    ),
    "armadillo": (
        "a.txt",
        "ARMA_MAT_TXT_FN008\n3 2\n 1.5 2\n 3 4\n 5 6.25\n",
        [[1.5, 2], [3, 4], [5, 6.25]],
        [],
        [],
        "Armadillo",
    ),
    "counts of fortran": (
        "f.txt",
        " 2*7.500000 4*0.0\n 3*-1.0D+01 2.0 2*.5\n",
        [[7.5, 7.5, 0, 0, 0, 0], [-10, -10, -10, 2, 0.5, 0.5]],
        [],
        [],
        "2*7.500000 is so many times 7.5",
    ),
    "counts of whole lines": ("f.txt", " 3*8\n 3*9\n", [[8] * 3, [9] * 3], [], [], "so many"),
    "counts of complex numbers": (
        "f.txt",
        " 2*(1.0,-2.0)\n (3.0,4.0) (0.0,5.0)\n",
        [[1 - 2j, 1 - 2j], [3 + 4j, 5j]],
        [],
        [],
        "so many",
    ),
    "run together": (
        "f.txt",
        "  5 7.2500-8.5000\n 17-9.1250 6.2500\n",
        [[5, 7.25, -8.5], [17, -9.125, 6.25]],
        [],
        [],
        "run into each other",
    ),
    "run together with exponents": (
        "f.txt",
        " 0.25D+01-0.50D+01\n 0.75D+01-0.10D-01\n",
        [[2.5, -5], [7.5, -0.01]],
        [],
        [],
        "run into each other",
    ),
    "semicolons at the ends": ("m.txt", "7 8;\n9 6;\n", [[7, 8], [9, 6]], [], [], "Semicolons"),
    "semicolons behind commas": (
        "m.csv",
        "p,q;\n7,8.5;\n9,6;\n",
        [[7, 8.5], [9, 6]],
        ["p", "q"],
        [],
        "Semicolons",
    ),
    "joined by comma and blank": (
        "j.txt",
        "p, q\n7,5, -8\n9, 6,25e-1\n",
        [[7.5, -8], [9, 0.625]],
        ["p", "q"],
        [],
        "Commas with a blank",
    ),
    "joined as python does": ("j.txt", "7, 5\n9, 6\n", [[7, 5], [9, 6]], [], [], ""),
    "rows of latex": (
        "l.tex",
        "7{,}5 & 8 \\\\\n9 & 6 \\\\\n",
        [[7.5, 8], [9, 6]],
        [],
        [],
        "LaTeX",
    ),
    "a corner between bars": (
        "t.md",
        "|   | p | q |\n|---|--:|--:|\n| u | 1 | 2.5 |\n| v | 3 | 4 |\n",
        [[1, 2.5], [3, 4]],
        ["p", "q"],
        ["u", "v"],
        "Row 1 is taken as column names",
    ),
    "names of several words": (
        "p.txt",
        "   net mass  q\n0      1.25  7\n1     10.50  8\n",
        [[1.25, 7], [10.5, 8]],
        ["net mass", "q"],
        ["0", "1"],
        "where the numbers below them end",
    ),
    "names that do not line up": (
        "p.txt",
        "   a  b c  d\n 1.5  2.25  3\n 2.5 -2.25 14\n",
        [[1.5, 2.25, 3], [2.5, -2.25, 14]],
        [],
        [],
        "",
    ),
    "a remark that names": (
        "t.tsv",
        "# made by hand\n#site id\tdry\twet\nK1\t5\t6\nK2\t7\t8\n",
        [[5, 6], [7, 8]],
        ["dry", "wet"],
        ["K1", "K2"],
        "Row 2 is taken as column names",
    ),
    "a remark that counts": ("t.csv", "# 1,2\n5,6\n7,8\n", [[5, 6], [7, 8]], [], [], ""),
    "vector of a number sign": (
        "g.txt",
        "# 0.5 0.25\nof -0.5 0.75\n",
        [[0.5, 0.25], [-0.5, 0.75]],
        [],
        ["#", "of"],
        "Lines that begin with #",
    ),
    "vector of a number sign below its count": (
        "w.vec",
        "3 2\n# 0.5 0.25\nof -0.5 0.75\n## 1.5 2.5\n",
        [[0.5, 0.25], [-0.5, 0.75], [1.5, 2.5]],
        [],
        ["#", "of", "##"],
        "Lines that begin with #",
    ),
    "remark of years above labels": (
        "g.txt",
        "# 2001 2002\nof 0.5 0.75\nat 0.25 1.5\n",
        [[0.5, 0.75], [0.25, 1.5]],
        [],
        ["of", "at"],
        "",
    ),
    "labels that are units": (
        "t.csv",
        "part,p,q\nm,1,2\ns,5,6\nV,7,8\n",
        [[1, 2], [5, 6], [7, 8]],
        ["p", "q"],
        ["m", "s", "V"],
        "",
    ),
    "labels in brackets": (
        "t.csv",
        "part,p,q\n<none>,1,2\n[x],1,6\n(y),7,8\n",
        [[1, 2], [1, 6], [7, 8]],
        ["p", "q"],
        ["<none>", "[x]", "(y)"],
        "",
    ),
    "a unit that is a number": (
        "t.csv",
        "t,p,q\ns,1,N\n5,6,7\n8,9,6\n",
        [[5, 6, 7], [8, 9, 6]],
        ["t", "p", "q"],
        [],
        "row 2",
    ),
    "missing of a database": (
        "t.csv",
        "p,q\n5,\\N\n7,8\n",
        [[5, NAN], [7, 8]],
        ["p", "q"],
        [],
        "\\N",
    ),
    "missing of stata": ("t.csv", "p,q\n5,.b\n7,8\n", [[5, NAN], [7, 8]], ["p", "q"], [], ".b"),
    "errors of libreoffice": (
        "t.csv",
        "p,q\nErr:502,6\n7,8\n",
        [[NAN, 6], [7, 8]],
        ["p", "q"],
        [],
        "Err:502",
    ),
    "printed truth": (
        "p.txt",
        "array([[False,  True],\n       [ True, False]])\n",
        [[0, 1], [1, 0]],
        [],
        [],
        "brackets",
    ),
    "printed nan first": (
        "p.txt",
        "[[nan, 5.0], [6.0, 7.0]]",
        [[NAN, 5], [6, 7]],
        [],
        [],
        "brackets",
    ),
    "printed complex lined up": (
        "p.txt",
        "[[ 1.5+0.j   -2. +1.25j]\n [ 0. -3.j   10. +0.j  ]]\n",
        [[1.5, -2 + 1.25j], [-3j, 10]],
        [],
        [],
        "brackets",
    ),
    "parameter of pytorch": (
        "p.txt",
        "Parameter containing:\ntensor([[ 7.0000, -5.0000],\n        [ 0.5000,  9.0000]], "
        "requires_grad=True)\n",
        [[7, -5], [0.5, 9]],
        [],
        [],
        "brackets",
    ),
    "tensor of tensorflow": (
        "p.txt",
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[7., 5.],\n       [6., 9.]], "
        "dtype=float32)>\n",
        [[7, 5], [6, 9]],
        [],
        [],
        "brackets",
    ),
    "matrix of maple": (
        "p.txt",
        "Matrix(2, 2, [[7, 5], [6, 9]])\n",
        [[7, 5], [6, 9]],
        [],
        [],
        "brackets",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_read_as_the_program_means_it(check, case):
    check(*CASES[case])


# Contents, and words of the refusal.
REFUSED = {
    "two of octave": (
        "# name: P\n# type: scalar\n5\n\n\n" + OCTAVE.format("matrix") + " 8 7\n 6 5\n",
        r"2 variables of Octave .*P.*G.*save -v7",
    ),
    "sparse of octave": (
        OCTAVE.format("sparse matrix").replace("# rows", "# nnz: 2\n# rows") + "1 1 7.5\n2 2 8\n",
        r"Octave saved a sparse matrix .*save -v7",
    ),
    "range of octave": ("# name: r\n# type: range\n# base, limit, increment\n1 5 1\n", "a range"),
    "axes of octave": (
        "# name: T\n# type: matrix\n# ndims: 3\n 1 1 2\n 5\n 6\n",
        "Octave saved a matrix",
    ),
    "two of matlab": ("P = [7 8; 9 6]\nQ = [5 4; 3 2];\n", "several matrices"),
    "two of numpy": ("[[7. 8.]\n [9. 6.]]\n[[5. 4.]\n [3. 2.]]\n", "several matrices"),
    "jcamp": ("##TITLE=a\n##XYDATA=(X++(Y..Y))\n400 1 2\n402 4 5\n##END=\n", "JCAMP-DX"),
    "yaml of opencv": ("%YAML:1.0\n---\nM: !!opencv-matrix\n   data: [ 1., 2. ]\n", "YAML"),
    "namelist": (" &PAR\n A = 1.0, 2.0,\n/\n", "NAMELIST"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_what_helps(write, case):
    content, words = REFUSED[case]
    with pytest.raises(FileError, match=words):
        open_matrix_file(write("t.txt", content))


@pytest.mark.parametrize("text", ["P2\n# grey\n2 2\n255\n0 1\n2 3\n", "P2 1 2\n15\n0 7\n"])
def test_a_picture_of_netpbm_is_named(write, text):
    with pytest.raises(FileError, match="Netpbm"):
        open_matrix_file(write("t.pgm", text))
    with open_matrix_file(write("t.csv", "P2\n1.5\n2.5\n")) as source:
        assert source.entries[0].column_labels == ("P2",)


@pytest.mark.parametrize(
    "text",
    ["0.5-1.5 7\n1.5-2.5 8\n2.5-3.5 9\n", "2020-01-05 7.5\n2020-01-06 8.5\n", "10-20 7\n20-30 8\n"],
)
def test_ranges_and_days_are_no_numbers_that_run_together(write, text):
    with open_matrix_file(write("t.txt", text)) as source:
        assert source.entries[0].shape == (text.count("\n"),)
        assert "run into" not in source.entries[0].note


def test_rows_of_numbers_left_out_above_a_narrow_table_are_told(write):
    block = "Channels\t1\t\nSamples\t2\t\n***End***\t\t\nX\tV\tRemark\n"
    text = f"{block}\t7.5\t\n\t8.5\t\n\t\n{block}\t9.5\t\n\t6.5\t\n"
    with open_matrix_file(write("t.lvm", text)) as source:
        entry = source.entries[0]
        assert (entry.shape, "skip" in entry.doubts) == ((2,), True)


def test_counts_of_more_numbers_than_there_is_memory_are_refused(write, monkeypatch):
    monkeypatch.setattr("engine.room.available_memory", lambda: 1_000_000)
    with pytest.raises(FileError, match="memory"):
        open_matrix_file(write("f.txt", " 5000*0.0\n" * 9))
