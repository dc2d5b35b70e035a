"""A short, repeatable slice of the fuzzing that `make fuzz` does for as long as wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine.attention
import engine.column_row
import engine.search
import engine.spectrum
from tests.support.fuzz.__main__ import CHECKS, MODULES, run


# Qt says so in the log of a settings file that is damaged.
@pytest.mark.qt_log_ignore("QVariant::load: unknown user type")
@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize("seed", range(6))
def test_ugly_input_is_answered_rightly_or_refused_with_a_reason(name, seed):
    run(name, seed)


FOUND = [  # by `make fuzz`, each a defect of its time
    ("leading_part", 1795547370),
    ("leading_part", 1795547542),
    ("attention", 1795548134),
    ("rank_rules", 1795547289),
    ("column_row_weights", 1795549277),
    ("column_row_weights", 1795549488),
    ("column_row_weights", 1795549976),
]


@pytest.mark.parametrize(("name", "seed"), FOUND)
def test_what_fuzzing_found_stays_right(name, seed):
    run(name, seed)


@pytest.mark.parametrize(
    "package", [engine.spectrum, engine.column_row, engine.attention, engine.search]
)
def test_every_public_function_is_fuzzed(package):
    text = "".join(Path(str(module.__file__)).read_text("utf-8") for module in MODULES)
    functions = [name for name in package.__all__ if name[0].islower()]
    assert not [name for name in functions if f".{name}" not in text]
