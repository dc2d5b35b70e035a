"""What is asked once, what a cancel by a person is told apart from, and what never arrives late."""

from __future__ import annotations

import pytest

from gui.core.leaving.asking import Pending, Questions
from tests.gui.core.work.runner_doubles import Held, Value


@pytest.fixture
def hold():
    """Makes requests that stay in mid-job until ``hold.let_go()``, or the end of the test."""
    held = []

    def hold(value):
        held.append(Held(value))
        return held[-1]

    def let_go():
        for request in held:
            request.gate.set()

    hold.let_go = let_go
    yield hold
    let_go()


@pytest.fixture
def arrivals():
    """What ``arrived`` saw each time it was called."""
    return []


@pytest.fixture
def pending(context, arrivals):
    pending = Pending(context, lambda: arrivals.append(pending.stopped))
    yield pending
    pending.shutdown()


@pytest.fixture
def questions(context, arrivals):
    questions = Questions(context, lambda: arrivals.append(dict(questions.answers)))
    yield questions
    questions.shutdown()


@pytest.fixture
def settle(qtbot, context):
    return lambda: qtbot.waitUntil(lambda: not context.runner.is_busy(), timeout=10_000)


def ignore(_):
    """Neither a result nor an error is expected here."""
    raise AssertionError


def test_result_is_taken_before_arrived_is_called(pending, arrivals, settle):
    taken = []
    pending.submit("a", Value(7), lambda v: taken.append((v, len(arrivals))), ignore)
    assert "a" in pending
    settle()
    assert taken == [(7, 0)]
    assert arrivals == [False]
    assert "a" not in pending


def test_error_is_taken_and_is_no_cancel(pending, arrivals, settle):
    errors = []
    pending.submit("a", Value(ValueError("wrong")), ignore, errors.append)
    settle()
    assert [str(error) for error in errors] == ["wrong"]
    assert arrivals == [False]


def test_cancel_by_a_person_stops(pending, arrivals, context, hold):
    pending.submit("a", hold(7), ignore, ignore)
    context.runner.cancel_all()
    assert pending.stopped
    assert arrivals == [True]
    assert "a" not in pending


def test_cancel_by_the_page_does_not_stop(pending, arrivals, hold):
    pending.submit("a", hold(7), ignore, ignore)
    pending.cancel("a")
    assert not pending.stopped
    assert arrivals == []


def test_cancel_of_other_channels_is_not_ours(pending, arrivals, context, hold):
    context.runner.submit("other", hold(7), lambda *_: None)
    context.runner.cancel_all()
    assert not pending.stopped
    assert arrivals == []


@pytest.mark.parametrize("late", [7, ValueError("late")])
def test_nothing_arrives_late_after_starting_over(pending, arrivals, hold, settle, late):
    pending.submit("a", hold(late), ignore, ignore)
    pending.submit("b", hold(late), ignore, ignore)
    pending.start_over()
    taken = []
    pending.submit("a", Value("new"), taken.append, ignore)
    hold.let_go()
    settle()
    assert taken == ["new"]
    assert arrivals == [False]


def test_live_answer_leaves_the_newest_one_on_its_way(pending, context, hold, qtbot, settle):
    first, second, taken = hold(1), hold(2), []
    pending.submit("a", first, taken.append, ignore, live=True)
    pending.submit("a", second, taken.append, ignore, live=True)
    first.gate.set()
    qtbot.waitUntil(lambda: taken == [1], timeout=10_000)
    assert "a" in pending
    second.gate.set()
    settle()
    assert taken == [1, 2]
    assert "a" not in pending


def test_same_question_is_asked_once(questions, arrivals, settle):
    made = []

    def request():
        made.append("request")
        return Value(len(made))

    for question in (1, 1, 2):
        questions.ask("a", question, request)
        settle()
    assert len(made) == 2
    assert arrivals == [{"a": 1}, {"a": 2}]


def test_answer_stays_until_the_next_one(questions, hold, settle):
    questions.ask("a", 1, lambda: Value("old"))
    settle()
    questions.ask("a", 2, lambda: hold("new"))
    assert questions.answers == {"a": "old"}
    hold.let_go()
    settle()
    assert questions.answers == {"a": "new"}


def test_answer_goes_where_it_is_wanted(questions, settle):
    taken = []
    questions.ask("a", 1, lambda: Value("mine"), taken.append)
    settle()
    assert taken == ["mine"]
    assert questions.answers == {}


def test_error_is_told_once(questions, messages, settle):
    for _ in range(2):
        questions.ask("a", 1, lambda: Value(ValueError("wrong")))
        settle()
    assert messages == [("wrong", "error")]


def test_forgotten_question_is_asked_again(questions, settle):
    questions.ask("a", 1, lambda: Value("old"))
    settle()
    questions.forget("a")
    assert questions.answers == {}
    questions.ask("a", 1, lambda: Value("new"))
    settle()
    assert questions.answers == {"a": "new"}


@pytest.mark.parametrize("late", ["late", ValueError("late")])
def test_answers_to_earlier_data_never_show(questions, messages, arrivals, hold, settle, late):
    questions.ask("a", 1, lambda: Value("there"))
    settle()
    questions.ask("a", 2, lambda: hold(late))
    questions.start_over()
    hold.let_go()
    settle()
    assert questions.answers == {}
    assert messages == []
    assert arrivals == [{"a": "there"}]
    assert not questions.stopped


def test_restart_asks_what_a_person_has_cancelled(questions, context, hold, settle):
    questions.ask("a", 1, lambda: hold("old"))
    context.runner.cancel_all()
    assert questions.stopped
    questions.ask("a", 1, lambda: Value("not asked"))
    assert not context.runner.is_busy()
    questions.restart()
    assert not questions.stopped
    questions.ask("a", 1, lambda: Value("new"))
    settle()
    assert questions.answers == {"a": "new"}
