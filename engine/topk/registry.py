"""The operators in display order; adding one is a file and a line here."""

from __future__ import annotations

from engine.errors import ArgumentError
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

__all__ = ["OPERATORS", "get_operator"]

OPERATORS: tuple[Operator, ...] = (
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

_BY_KEY = {operator.key: operator for operator in OPERATORS}


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
    try:
        return _BY_KEY[key]
    except (KeyError, TypeError):
        raise ArgumentError("key", key, one_of(_BY_KEY)) from None
