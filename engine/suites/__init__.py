"""What every record of a registry must hold: the tests run it, and `rankscope test-plugin`.

A check is a function of a record; it raises `AssertionError`, or whatever the record raised.
"""

from engine.suites.check import Check, Result, run_checks
from engine.suites.formats import FORMAT_CHECKS
from engine.suites.operators import OPERATOR_CHECKS
from engine.suites.rank_rules import RANK_RULE_CHECKS

__all__ = [
    "FORMAT_CHECKS",
    "OPERATOR_CHECKS",
    "RANK_RULE_CHECKS",
    "Check",
    "Result",
    "run_checks",
]
