"""Order, cancel and staleness: the worker is frozen in mid-job where a test needs it."""

from __future__ import annotations

import threading

from gui.pages.column_row.compute.curves import Curves
from gui.pages.column_row.compute.detail import ChooseDetail
from gui.pages.column_row.show.pictures import Approximation


def test_r_typed_asks_for_no_curve_again(page, matrix, monkeypatch):
    page.show("a", matrix)
    asked = []
    submit = page.context.runner.submit
    monkeypatch.setattr(
        page.context.runner,
        "submit",
        lambda channel, *rest, **options: (
            asked.append(channel),
            submit(channel, *rest, **options),
        ),
    )
    page.type_number(page.controls.numbers["r"], "3")
    assert page.cursor("error", "r").value == 3.0
    assert set(asked) == {"column_row.standings", "column_row.detail"}


class Gate:
    """Holds requests of a kind until it is opened."""

    def __init__(self, monkeypatch, kind):
        self._open, self.entered = threading.Event(), threading.Event()
        run = kind.run

        def held(request, progress=None):
            self.entered.set()
            self._open.wait(20)
            return run(request, progress)

        monkeypatch.setattr(kind, "run", held)

    def open(self):
        self._open.set()


def test_curves_appear_one_after_the_other_and_cancel_keeps_those_there(page, matrix, monkeypatch):
    page.show("a", matrix)
    gate = Gate(monkeypatch, Curves)
    page.store.replace("column_row", label="test", weights=("own", "diagonal", "full"))
    page.wait(gate.entered.is_set)
    assert page.curve("error", "norm.full") is not None
    assert page.curve("error", "norm.diagonal") is None
    page.context.runner.cancel_all()
    assert not page.context.runner.is_busy()
    assert "cancelled" in page.view.notice.label.text()
    gate.open()
    page.settle()
    assert page.curve("error", "norm.diagonal") is None
    page.click(page.view.notice.buttons["again"])
    assert page.view.notice.isHidden()
    assert page.curve("error", "norm.diagonal") is not None


def test_answer_to_an_earlier_product_is_dropped(page, matrix, monkeypatch):
    page.show("a", matrix)
    gate = Gate(monkeypatch, ChooseDetail)
    page.store.replace("column_row", label="test", r=11)
    page.wait(gate.entered.is_set)
    other = page.open("b", matrix[:7, :4])
    page.select(other)
    gate.open()
    page.settle()
    assert page.image("approximation").shape == (4, 4)
    assert page.page.shown(Approximation).detail.picture.values.shape == (4, 4)
    assert page.curve("norms", "norms").y.size == 7


def test_error_of_an_earlier_product_is_dropped(page, matrix, monkeypatch, messages):
    page.show("a", matrix)
    release = threading.Event()
    run = ChooseDetail.run

    def fail_late(request, progress=None):
        if request.r == 11:
            release.wait(20)
            raise ValueError("too late")
        return run(request, progress)

    monkeypatch.setattr(ChooseDetail, "run", fail_late)
    page.store.replace("column_row", label="test", r=11)
    page.select(page.open("b", matrix[:7, :4]))
    release.set()
    page.settle()
    assert messages == []
    assert page.image("approximation").shape == (4, 4)


def test_nothing_is_computed_while_the_page_is_hidden(page, matrix):
    page.window.hide()
    page.select(page.open("a", matrix))
    assert not page.context.runner.is_busy()
    page.window.show()
    page.settle()
    assert page.curve("error", "norm.own") is not None
