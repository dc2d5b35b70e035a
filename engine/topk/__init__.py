"""Soft Top-k operators: definitions, derivatives, laws and equal-softness comparison."""

from __future__ import annotations

from engine.topk.judge.claims import Claim, check_claims
from engine.topk.judge.laws import LawResult, check_laws, limit_mask
from engine.topk.judge.recursion import RecursionBreakdown, recursion_breakdown
from engine.topk.judge.softness import SoftnessMatch, mask_entropy, mass_moved, match_softness
from engine.topk.linearization import Linearization
from engine.topk.operator import Operator
from engine.topk.operators.grad import log_elementary_symmetric
from engine.topk.operators.perturbed import perturbed_standard_error
from engine.topk.permutation.laws import check_permutation
from engine.topk.permutation.rows import permutation_jvp, permutation_rows, permutation_vjp
from engine.topk.registry import OPERATORS, get_operator
from engine.topk.routing.audit import RoutingAudit, audit_routing
from engine.topk.routing.formulas import ROUTER_FORMULAS, compared_scores, router_weights
from engine.topk.routing.groups import Groups, within_groups
from engine.topk.snippets import python_snippet
from engine.topk.threads import set_threads, threads
from engine.topk.warming import warm

__all__ = [
    "OPERATORS",
    "ROUTER_FORMULAS",
    "Claim",
    "Groups",
    "LawResult",
    "Linearization",
    "Operator",
    "RecursionBreakdown",
    "RoutingAudit",
    "SoftnessMatch",
    "audit_routing",
    "check_claims",
    "check_laws",
    "check_permutation",
    "compared_scores",
    "get_operator",
    "limit_mask",
    "log_elementary_symmetric",
    "mask_entropy",
    "mass_moved",
    "match_softness",
    "permutation_jvp",
    "permutation_rows",
    "permutation_vjp",
    "perturbed_standard_error",
    "python_snippet",
    "recursion_breakdown",
    "router_weights",
    "set_threads",
    "threads",
    "warm",
    "within_groups",
]
