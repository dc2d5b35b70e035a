"""Order, cancel and staleness: the worker is frozen in mid-job where a test needs it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gui.pages.column_row.compute.curves import Curves
from gui.pages.column_row.compute.detail import ChooseDetail
from gui.pages.column_row.compute.standings import Compare
from gui.pages.column_row.compute.terms import Prepare
from gui.pages.column_row.show.pictures import Approximation


@pytest.fixture
def asked(page, monkeypatch):
    """The channels on which something is asked from now on."""
    channels, submit = [], page.context.runner.submit

    def remember(channel, *rest, **options):
        channels.append(channel)
        submit(channel, *rest, **options)

    monkeypatch.setattr(page.context.runner, "submit", remember)
    return channels


def test_r_typed_asks_for_no_curve_again(page, matrix, asked):
    page.show("a", matrix)
    asked.clear()
    page.type_number(page.controls.numbers["r"], "3")
    assert page.cursor("error", "r").value == 3.0
    assert set(asked) == {"column_row.standings", "column_row.detail"}


def test_what_no_strategy_goes_by_asks_nothing(page, matrix, asked):
    page.show("a", matrix)
    page.set(strategies=("norm", "greedy"))
    asked.clear()
    page.set(seed=7, tau=0.5, operator="clip")
    assert asked == []
    page.set(strategies=("norm", "norm_sampling"), detail="norm")
    asked.clear()
    page.set(seed=8)
    assert set(asked) == {"column_row.standings", "column_row.curves"}


class Gate:
    """Holds requests of a kind until it is opened."""

    def __init__(self, monkeypatch, kind):
        self._open, self.entered = threading.Event(), threading.Event()
        self.requests = []
        run = kind.run

        def held(request, progress=None):
            self.requests.append(request)
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


def test_numbers_of_the_product_before_stay_until_the_next_is_there(page, matrix, monkeypatch):
    page.show("a", matrix)
    said = page.strategies.trailing("norm")
    gate = Gate(monkeypatch, Prepare)
    page.select(page.open("b", matrix[:7, :4]))
    page.wait(gate.entered.is_set)
    assert page.strategies.trailing("norm") == said
    gate.open()
    page.settle()
    assert page.strategies.trailing("norm") not in ("", said)


def test_numbers_of_a_strategy_left_out_go_with_it_at_once(page, matrix, monkeypatch):
    page.show("a", matrix)
    assert page.strategies.trailing("norm") != ""
    gate = Gate(monkeypatch, Compare)
    page.store.replace("column_row", label="test", strategies=("drop2",))
    page.wait(gate.entered.is_set)
    assert page.strategies.trailing("norm") == ""
    assert page.strategies.trailing("drop2") != ""
    gate.open()
    page.settle()


def test_soft_curve_of_the_tau_before_stays_until_the_next_is_there(page, matrix, monkeypatch):
    page.show("a", matrix)
    page.set(strategies=("norm", "soft"), weights=("own",))
    before = page.curve("error", "soft.own").y
    gate = Gate(monkeypatch, Curves)
    page.store.replace("column_row", label="test", tau=2.0)
    page.wait(gate.entered.is_set)
    assert page.curve("error", "soft.own").y is before
    gate.open()
    page.settle()
    assert not np.allclose(page.curve("error", "soft.own").y, before)
    asked = {str(request.wanted) for request in gate.requests}
    assert asked == {"soft.own"}, "what ignores tau is not computed again"
