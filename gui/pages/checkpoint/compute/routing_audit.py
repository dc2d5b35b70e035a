"""The audit of a router: to how many experts and groups a token goes, and what rounding does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Step
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.compute.routing import (
    Choosing,
    Formula,
    Inputs,
    ReadScores,
    RouterScores,
    experts,
    router,
)

if TYPE_CHECKING:
    from engine.checkpoint import Matrix
    from engine.jobs import Progress
    from engine.topk import Groups
    from engine.topk import RoutingAudit as RoutingAudit

# Where config.json says how many experts a token goes to: Mixtral, Qwen, DeepSeek, OLMoE have the
# first name, gpt-oss the second, DBRX and Hunyuan the others; models with pictures have parts.
_CONFIG_COUNTS = ("num_experts_per_tok", "experts_per_token", "moe_top_k", "moe_topk")
_CONFIG_PARTS = ("text_config", "ffn_config")
# And where it says in how many groups experts lie, and to how many of these a token may go.
_CONFIG_GROUPS = ("n_group", "topk_group")


def experts_per_token(
    typed: int = Choosing.per_token,
    experts: int = value_of(experts),
    router: Matrix | None = value_of(router),
    listing: Listing | None = answer_of(ListMatrices),
) -> int:
    """Return to how many experts a token goes: as typed, as config.json says, or 2."""
    said = 0 if typed else _of_config(router, listing, _CONFIG_COUNTS, experts)
    return typed or said or min(2, experts)


def _of_config(
    router: Matrix | None, listing: Listing | None, names: Sequence[str], most: int
) -> int:
    """Return the first count from 1 to ``most`` that config.json has by one of the names, or 0."""
    if router is None or listing is None:
        return 0
    config = listing.checkpoint.config
    for part in (config, *(config.get(name) for name in _CONFIG_PARTS)):
        said = (part.get(name) for name in names) if isinstance(part, Mapping) else ()
        for count in said:
            if type(count) is int and 1 <= count <= most:
                return count
    return 0


def grouping(
    groups: int = Choosing.groups,
    kept: int = Choosing.kept_groups,
    experts: int = value_of(experts),
    router: Matrix | None = value_of(router),
    listing: Listing | None = answer_of(ListMatrices),
) -> tuple[int, int]:
    """Return in how many groups experts lie, and to how many a token may go; (1, 1) for none.

    What config.json says counts where it fits: groups of equal size.
    """
    if not groups:
        said = _of_config(router, listing, _CONFIG_GROUPS[:1], experts)
        groups = said if said and experts % said == 0 else 1
    if not kept:
        kept = _of_config(router, listing, _CONFIG_GROUPS[1:], groups)
    return groups, min(kept or groups, groups)


def groups_of(grouping: tuple[int, int], formula: Formula) -> Groups | None:
    """Return the groups that a token chooses first, None where it may go to all."""
    from engine.topk import Groups

    count, kept = grouping
    if kept == count:
        return None
    return Groups(count, kept, "two_largest" if formula == "sigmoid_bias" else "largest")


def compared_of(
    scores: RouterScores, formula: Formula, grouping: tuple[int, int], place: int
) -> tuple[float, ...]:
    """Return what is compared of one token, -inf outside of its groups."""
    from engine.topk import compared_scores, within_groups

    row = compared_scores(scores.logits[place : place + 1], formula, scores.bias)
    groups = groups_of(grouping, formula)
    if groups is not None:
        row = within_groups(row, groups)
    return tuple(np.asarray(row[0], dtype=np.float64).tolist())


class AuditRouter(Step, key="router_audit", title="Auditing the routing"):
    """Compare the experts of every token with those of its rounded scores."""

    scores: RouterScores | None = answer_of(ReadScores)
    formula: Formula = Inputs.formula
    per_token: int = value_of(experts_per_token)
    grouping: tuple[int, int] = value_of(grouping)

    def run(self, progress: Progress | None = None) -> RoutingAudit | None:
        """Return the audit of what the formula compares; None where there are no scores."""
        from engine.topk import audit_routing, compared_scores

        found = self.scores
        if found is None:
            return None
        compared = compared_scores(found.logits, self.formula, found.bias)
        groups = groups_of(self.grouping, self.formula)
        return audit_routing(compared, self.per_token, groups=groups, progress=progress)
