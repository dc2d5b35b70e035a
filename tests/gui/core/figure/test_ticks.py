"""Beside a logarithmic axis stand at least two numbers that differ, whatever it shows."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from gui.core.figure.ticks import log_ticks, tick_texts

RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number_of(text):
    """The number that a tick's text says."""
    mantissa, _, power = text.rpartition("·10") if "·10" in text else ("", "", "")
    if power:
        return float(f"{mantissa}e{power.translate(RAISED)}")
    if text.startswith("10") and text != text.translate(RAISED):
        return float(f"1e{text[2:].translate(RAISED)}")
    return float(text)


ENDS = [
    (1.2, 1.9),
    (1.9999, 2.0001),
    (1e7, 1e7 + 11),
    (3e6, 3.0000001e6),
    (0.9, 11.0),
    (1e-300, 1e300),
    (9.5e-9, 1.05e-8),
    (0.5, 600.0),
    (1.0, 10.0),
    (7.3, 7.4),
    (1e-5, 1.0001e-5),
]


@pytest.mark.parametrize("room", [2, 3, 5, 9])
@pytest.mark.parametrize("ends", ENDS)
def test_two_numbers_differ_and_say_where_they_stand(ends, room):
    low, high = ends
    ticks = log_ticks(low, high, room)
    texts = [text for _, text in ticks]
    assert len(set(texts)) == len(texts) >= 2
    assert len(texts) <= max(3, 2 * room)
    for value, text in ticks:
        assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9)
        said = number_of(text)
        assert abs(said - value) <= 1e-3 * min(abs(b - a) for (a, _), (b, _) in
                                               itertools.pairwise(ticks))  # fmt: skip


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("seed", range(40))
def test_any_range_has_its_numbers(seed):
    rng = np.random.default_rng(seed)
    low = 10.0 ** rng.uniform(-300, 290)
    high = low * (1.0 + 10.0 ** rng.uniform(-9, 8))
    texts = [text for _, text in log_ticks(low, high, int(rng.integers(2, 9)))]
    assert len(set(texts)) == len(texts) >= 2


def test_texts_of_one_axis_are_written_in_one_way():
    assert tick_texts([1e-8, 2e-8, 1.0]) == ["10⁻⁸", "2·10⁻⁸", "1"]
    assert tick_texts([0.5, 1.0, 100.0]) == ["0.5", "1", "100"]
    assert tick_texts([]) == []
    assert math.isclose(number_of("2.95·10⁶"), 2.95e6)
