"""What answers hold in memory, and which of them are let go."""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse

from gui.core.declare import answers as answering
from gui.core.declare.answers import Answer, Answers
from gui.core.declare.records import Step
from gui.core.figure.arrays import heavy_arrays

MB = 1 << 20


class Some(Step, key="some", keep=4):
    """A step whose answers are put by hand."""


class Other(Step, key="other", keep=2):
    """Another."""


@dataclass(frozen=True)
class Held:
    array: np.ndarray
    name: str = ""


@pytest.fixture(autouse=True)
def room(monkeypatch):
    monkeypatch.setattr(answering, "OLDER_BYTES", 4 * MB)


def put(answers, question, array, step=Some):
    answers.put((step, None), Answer((question,), "subject", Held(array)))


def known(answers, step=Some):
    return [n for n in range(9) if answers.get((step, None), (n,)) is not None]


def of(megabytes):
    return np.zeros(megabytes * MB // 8)


def test_older_answers_go_the_heaviest_first_and_the_newest_stays_whatever_it_holds():
    answers = Answers()
    for number, size in enumerate((1, 3, 1, 9)):
        put(answers, number, of(size))
    assert known(answers) == [0, 2, 3]


def test_light_answers_stay_as_long_as_there_are_not_too_many():
    answers = Answers()
    for number in range(6):
        put(answers, number, np.zeros(1000))
    assert known(answers) == [2, 3, 4, 5]


def test_memory_that_the_newest_answers_hold_too_counts_for_nobody():
    answers, shared = Answers(), of(6)
    for number in range(3):
        put(answers, number, shared[number:])
    put(answers, 0, shared, Other)
    assert known(answers) == [0, 1, 2]


def test_answers_of_all_slots_count_together_and_derived_values_too():
    answers = Answers()
    for step in (Some, Other):
        for number in range(2):
            put(answers, number, of(3), step)
    assert known(answers) + known(answers, Other) == [1, 0, 1]

    for number in range(3):
        answers.derive(len, (number,), {"obj": "x"})
        answers.derive(np.ones, (number,), {"shape": 3 * MB // 8})
    older = [answers.derived(np.ones, (n,)) for n in range(2)]
    assert None in older
    assert [answers.derived(len, (n,)) is not None for n in range(3)] == [True] * 3


def test_arrays_are_found_wherever_they_hang_and_maps_of_files_weigh_nothing(tmp_path):
    array, sparse = of(1), scipy.sparse.csr_array((of(1), np.arange(MB // 8), [0, MB // 8]))
    deep = {"a": [Held(array[5:]), (array,)], "b": sparse, "c": "text" * MB}
    assert sum(heavy_arrays(deep).values()) == 3 * MB - MB // 2 * (sparse.indices.itemsize == 4)
    np.save(tmp_path / "a.npy", array)
    assert heavy_arrays(np.load(tmp_path / "a.npy", mmap_mode="r")) == {}
    loop = []
    loop.append(loop)
    assert heavy_arrays(loop) == {}
