"""What a sweep is asked for besides its rows: a budget of ranks, its factors, a base, a LoRA."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gui.core.words.i18n import tr, tr_sentence

if TYPE_CHECKING:
    from engine.checkpoint import Sweep

_PLAIN = ("relative", "absolute")


class BadOptions(ValueError):
    """Options that do not go together; the sentence says which."""

    for_people = True


@dataclass
class More:
    """What was found besides the rows: columns of the table, and lines for a person."""

    columns: dict[str, Sequence[Any]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def add_options(add: Any) -> None:
    """Add the options to a parser."""
    add(
        "--against", default="", metavar="BASE", help=tr("compare with the model it was tuned from")
    )
    budget = tr("share of the parameters, or their number, that ranks may keep")
    add("--budget", type=float, metavar="SHARE", help=budget)
    weights = tr("what errors count: relative, absolute, or a file of covariances of inputs")
    add("--weights", default="", metavar="WEIGHTS", help=weights)
    add("--factors", default="", metavar="DIR", help=tr("write the factors of the budget"))
    lora = tr("write the change from BASE as a LoRA; of a model that is one, cut it to lower ranks")
    add("--lora", default="", metavar="DIR", help=lora)
    add("--dtype", default="", metavar="TYPE", help=tr("of factors: float32, float16, bfloat16"))


def check(words: Namespace) -> None:
    """Refuse options that do not go together, before any work.

    Raises
    ------
    BadOptions
    """
    if words.steps and (words.against or words.budget is not None or words.lora):
        raise BadOptions(tr("--steps does not go with --against, --budget and --lora."))
    if words.budget is None and (words.weights or words.factors):
        raise BadOptions(tr("--weights and --factors go with --budget: say how much may be kept."))
    if words.budget is not None and words.budget > 1.0 and not words.budget.is_integer():
        text = tr("--budget is a share of at most 1, or a whole number of parameters.")
        raise BadOptions(text)
    if words.dtype and not (words.factors or words.lora):
        raise BadOptions(tr("--dtype goes with --factors or --lora."))
    if words.cache and words.no_cache:
        raise BadOptions(tr("--cache does not go with --no-cache."))


def more_of(words: Namespace, found: Sweep, progress: Any) -> More:
    """Return what is asked for besides the rows of a sweep; writes what is to be written."""
    from engine.checkpoint import open_checkpoint

    more = More()
    if words.budget is None and not words.against and not words.lora:
        return more
    model = open_checkpoint(words.model)
    if words.budget is not None:
        _budget(words, model, found, more, progress)
    if words.against:
        _compare(words, model, found, more, progress)
    if words.lora:
        _lora(words, model, more, progress)
    return more


def _budget(words: Namespace, model: Any, found: Sweep, more: More, progress: Any) -> None:
    from engine.checkpoint import allocate, save_budget
    from engine.checkpoint.budget.weighing import read_covariances, weighed_spectra

    rows = [row for row in found.rows if not row.problem]
    spectra: dict[str, Any] = {row.name: row.values for row in rows}
    covariances: Mapping[str, Any] | None = None
    if words.weights and words.weights not in _PLAIN:
        known = read_covariances(model, words.weights)
        covariances = {name: one for name, one in known.items() if name in spectra}
        spectra |= weighed_spectra(model, covariances, progress)
    weights = words.weights if words.weights in _PLAIN else None
    shapes = [row.shape for row in rows]
    got = allocate(list(spectra.values()), shapes, words.budget, weights=weights)
    ranks = dict(zip(spectra, got.ranks, strict=True))
    sizes = math.hypot(*(math.sqrt(sum(one**2)) for one in spectra.values()))
    whole = math.sqrt(len(rows)) if weights == "relative" else sizes
    more.columns["rank_budget"] = [ranks.get(row.name) for row in found.rows]
    more.lines.append(
        tr(
            "Budget: {count:,} of {total:,} parameters, error {error:.3g} of {whole:.3g}, "
            "no choice is below {bound:.3g}",
            count=got.parameters,
            total=sum(m * n for m, n in shapes),
            error=got.error,
            whole=whole,
            bound=got.lower_bound,
        )
    )
    if words.factors:
        report = save_budget(
            *(model, ranks, words.factors, covariances, words.dtype or None, words.overwrite),
            progress=progress,
        )
        from gui.pages.checkpoint.compute.saving import said_of_factors

        more.lines.append(said_of_factors(report))


def _compare(words: Namespace, model: Any, found: Sweep, more: More, progress: Any) -> None:
    from engine.checkpoint import change_columns, compare, open_checkpoint

    base = open_checkpoint(words.against)
    options = {"include": words.include, "progress": progress, "workers": words.workers}
    changes, alone = compare(base, model, **options, address=words.address)
    more.columns |= change_columns([row.name for row in found.rows], changes)
    changed = sum(one.relative_change > 0.0 for one in changes)
    text = tr(
        "{changed} of {count} matrices changed, {alone} without a counterpart",
        changed=changed,
        count=len(changes),
        alone=len(alone),
    )
    more.lines.append(text)


def _lora(words: Namespace, model: Any, more: More, progress: Any) -> None:
    from engine.checkpoint import extract_lora
    from gui.pages.checkpoint.compute.saving import said_of_lora

    report = extract_lora(
        words.against or None,
        model,
        words.lora,
        include=words.include,
        dtype=words.dtype or "float32",
        overwrite=words.overwrite,
        progress=progress,
        workers=words.workers,
    )
    more.lines.append(said_of_lora(report))
    for name, reason in report.left_out:
        more.lines.append(
            tr("Not in the LoRA: {name} ({reason})", name=name, reason=tr_sentence(reason))
        )
