"""The pseudo-inverse beside the spectrum, against numpy: picture, identities, solution, files."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from safetensors.numpy import load_file

from gui.draw import draw
from gui.pages.spectrum.compute.inverse import numbers_typed
from tests.support.known import sigma_of


def pinv_of(a, rank):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return (vh[:rank].conj().T / s[:rank]) @ u[:, :rank].conj().T


def readout(page, key):
    return [line[1] for line in page.controls.readouts[f"spectrum.{key}"].rows()]


def test_picture_ratios_and_solution_are_numpys_and_follow_the_rank(page, matrix):
    page.show("m", matrix)
    page.tab("inverse")
    for rank in (8, 3):
        page.type_number(page.controls.numbers["rank"], str(rank))
        expected = pinv_of(matrix, rank)
        assert_allclose(page.image("inverse"), expected, rtol=1e-9, atol=1e-12)
        ones = np.ones(40)
        assert_allclose(page.curve("solution", "x").y, expected @ ones, rtol=1e-9, atol=1e-12)
        s = sigma_of(matrix)
        assert_allclose(page.curve("inverse_values", "sigma").y, s / s[0], rtol=1e-6)
        inverted = page.curve("inverse_values", "inverted").y
        assert_allclose(inverted[:rank], s[0] / s[:rank], rtol=1e-9)
        assert np.isnan(inverted[rank:]).all()
    page.drag("inverse_values", 3, 9, 6)
    assert page.state.rank == 6


def test_a_tolerance_cuts_where_it_is_dragged_to(page, matrix):
    page.show("m", matrix)
    page.tab("inverse")
    page.choose(page.controls.choices["cut_by"], "tolerance")
    page.type_number(page.controls.numbers["cut"], "0.01")
    assert page.figure("inverse").title == "M⁺ of rank 7"  # 2^0 ... 2^-6
    assert_allclose(page.image("inverse"), pinv_of(matrix, 7), rtol=1e-9, atol=1e-10)
    page.page.move_cursor("cut", 0.3)
    page.settle()
    assert page.figure("inverse").title == "M⁺ of rank 2"


def test_penrose_errors_and_norms_are_read_out(page, matrix):
    page.show("m", matrix)
    page.tab("inverse")
    tail = np.sqrt(np.sum(4.0 ** -np.arange(8, 30.0)) / np.sum(4.0 ** -np.arange(30.0)))
    first, *others = (float(text) for text in readout(page, "penrose"))
    assert first == pytest.approx(tail, rel=0.05)
    assert max(others) < 1e-12
    texts = readout(page, "inverse_numbers")
    assert texts[0] == "8 of 30"
    assert float(texts[1]) == pytest.approx(128.0)


def test_b_is_a_column_or_what_is_typed_and_of_another_length_refused(page, matrix):
    page.show("m", matrix)
    page.tab("inverse")
    page.choose(page.controls.choices["b_of"], "column")
    page.type_number(page.controls.numbers["b_column"], "4")
    expected = pinv_of(matrix, 8) @ matrix[:, 4]
    assert_allclose(page.curve("solution", "x").y, expected, rtol=1e-9, atol=1e-12)
    field = page.page.right_hand.field
    assert not field.isEnabled()
    page.choose(page.controls.choices["b_of"], "typed")
    b = np.arange(40.0) - 7.5
    field.setText(", ".join(map(str, b)))
    field.editingFinished.emit()
    page.settle()
    assert page.state.b_typed == tuple(b)
    expected = pinv_of(matrix, 8) @ b
    assert_allclose(page.curve("solution", "x").y, expected, rtol=1e-9, atol=1e-10)
    residual = np.linalg.norm(b - matrix @ expected)
    assert float(readout(page, "inverse_numbers")[5]) == pytest.approx(residual, rel=1e-3)
    field.setText("1 2 3")
    field.editingFinished.emit()
    page.settle()
    assert "40" in page.controls.error_of("b")
    page.store.undo()
    page.settle()
    assert page.state.b_typed == tuple(b)
    field.setText("1 two")
    field.editingFinished.emit()
    assert "two" in page.controls.error_of("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("[1, 2, 3]", (1.0, 2.0, 3.0)),
        ("1,5 2,5", (1.5, 2.5)),
        ("1e-3;−2\n\t4", (1e-3, -2.0, 4.0)),
        ("1,2,3", (1.0, 2.0, 3.0)),
        ("1.5,2.5", (1.5, 2.5)),
        ("1.234,5 2,5", (1234.5, 2.5)),
        ("1.234,5", (1234.5,)),
        ("inf", "inf"),
        ("nan", "nan"),
    ],
)
def test_numbers_as_people_write_them(text, expected):
    assert numbers_typed(text) == expected


@pytest.mark.parametrize("name", ["f.npy", "f.npz", "f.safetensors"])
def test_it_is_saved_whole_or_in_factors(page, matrix, dialogs, messages, tmp_path, name):
    page.show("m", matrix)
    page.tab("inverse")
    dialogs.saves.append(str(tmp_path / name))
    page.click(page.page.right_hand.save_button)
    assert messages[-1][1] == "info"
    if name.endswith(".safetensors"):
        parts = load_file(tmp_path / name)
        found = parts["a"] @ parts["b"]
    else:
        stored = np.load(tmp_path / name)
        found = stored if name.endswith(".npy") else (stored["u"] * stored["s"]) @ stored["vh"]
    assert_allclose(found, pinv_of(matrix, 8), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    "a",
    [
        np.array([[2.0]]),
        np.array([[1.0, 2.0, 2.0]]),
        np.zeros((3, 4)),
        np.ones((5, 3)),
        np.random.default_rng(0).normal(size=(6, 4)) * (1 + 2j),
        np.random.default_rng(0).normal(size=(7, 9)).astype(np.float32),
        np.random.default_rng(0).normal(size=(700, 3)),
    ],
    ids=["1x1", "row", "zeros", "rank 1", "complex", "float32", "blocks"],
)
def test_odd_matrices(a):
    rank = int(np.linalg.matrix_rank(a))
    options = {"rank": rank, "cut_by": "tolerance", "cut": 1e-6}
    picture = draw("spectrum", "inverse", a, **options)
    expected = np.linalg.pinv(np.asarray(a, complex if np.iscomplexobj(a) else float))
    if np.iscomplexobj(a):
        assert "complex" in picture.note
    else:
        shown = picture.images[0].values
        block = -(-expected.shape[1] // shown.shape[1])
        means = expected.reshape(expected.shape[0], -1, block).mean(axis=2)
        assert_allclose(shown, means, rtol=1e-4, atol=1e-6)
    x = draw("spectrum", "solution", a, b_of="column", b_column=0, **options).series[0].y
    column = expected @ a[:, 0]
    assert_allclose(x, np.abs(column) if np.iscomplexobj(a) else column, rtol=1e-4, atol=1e-5)


def test_values_that_are_zero_are_not_inverted_and_that_is_said():
    figure = draw("spectrum", "inverse_values", np.diag([2.0, 1.0, 0.0]), rank=3)
    assert "Beyond 2" in figure.note
    assert np.isnan(figure.series[1].y[2])
