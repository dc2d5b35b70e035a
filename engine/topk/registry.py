"""The operators in display order; adding one is a file and a line here.

Those of plug-ins follow (`rankscope.operators`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.errors import ArgumentError
from engine.plugins import ContainedObject, Plugin, Registered, checked_record, contained
from engine.sentences import one_of
from engine.topk.operator import Operator
from engine.topk.operators.dftopk import DFTOPK
from engine.topk.operators.grad import GRAD
from engine.topk.operators.grad_recursive import GRAD_RECURSIVE
from engine.topk.operators.gumbel_subset import GUMBEL_SUBSET
from engine.topk.operators.hard import HARD
from engine.topk.operators.iterated import ITERATED_SOFTMAX, ITERATED_WEIGHTED_SOFTMAX
from engine.topk.operators.perturbed import PERTURBED
from engine.topk.operators.scaled_softmax import SCALED_SOFTMAX
from engine.topk.operators.sorting import NEURALSORT, SOFTSORT
from engine.topk.operators.sparse_pnorm import SPARSE_PNORM, SPARSE_PNORM_3_2
from engine.topk.operators.threshold import CAUCHY, CLIP, EXP, GAUSSIAN, LAPLACE, SIGMOID
from engine.topk.semantics import Rows

__all__ = ["OPERATORS", "get_operator"]

_OWN: tuple[Operator, ...] = (
    HARD,
    EXP,
    SIGMOID,
    LAPLACE,
    GRAD,
    GRAD_RECURSIVE,
    ITERATED_SOFTMAX,
    ITERATED_WEIGHTED_SOFTMAX,
    GAUSSIAN,
    CLIP,
    CAUCHY,
    SCALED_SOFTMAX,
    SOFTSORT,
    NEURALSORT,
    GUMBEL_SUBSET,
    DFTOPK,
    PERTURBED,
    SPARSE_PNORM,
    SPARSE_PNORM_3_2,
)


def _accepted(record: Any, plugin: Plugin) -> Operator:
    """Return a plug-in's operator with its own code contained."""
    known = checked_record(record, Operator)
    who = plugin.who
    if known.weights is not None:
        return replace(known, weights=contained(known.weights, who), plugin=who)
    solve = contained(known.solve, who)

    def solved(rows: Rows) -> Any:
        return ContainedObject(solve(rows), who)

    return replace(known, solve=solved, plugin=who)


OPERATORS: Registered[Operator] = Registered("rankscope.operators", _OWN, _accepted)


def get_operator(key: str) -> Operator:
    """Return the operator of that key.

    Parameters
    ----------
    key : str
        One of the keys in ``OPERATORS``.

    Returns
    -------
    Operator

    Raises
    ------
    ArgumentError
        If there is no such operator; the message names those there are.

    Examples
    --------
    >>> get_operator("sigmoid").needs_integer_k
    False
    """
    found = OPERATORS.get(key) if isinstance(key, str) else None
    if found is None:
        raise ArgumentError("key", key, one_of([known.key for known in OPERATORS]))
    return found
