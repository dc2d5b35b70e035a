"""What rounding does to the choice of experts: margins as a picture, the worst as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text

NumberFormat = Literal["bfloat16", "float16", "float8_e4m3fn", "float8_e5m2"]
FORMATS: Mapping[NumberFormat, str] = {
    "bfloat16": "bfloat16",
    "float16": "float16",
    "float8_e4m3fn": "float8_e4m3fn",
    "float8_e5m2": "float8_e5m2",
}
LISTED = 50
_BARS = 60
_COLOURS = ("c0", "c1", "c2", "c3")


Audit = Any  # `engine.topk.RoutingAudit`, which core does not know


def margins(audit: Audit, meta: Mapping[str, str]) -> Figure:
    """Return the histogram of x₍ₖ₎ − x₍ₖ₊₁₎, with what each format moves a score by at most."""
    known = audit.margin[np.isfinite(audit.margin) & (audit.margin > 0.0)]
    halves = {key: audit.half_ulp(key) for key in audit.changed}
    ends = [*known, *(half for half in halves.values() if half > 0.0)]
    series: tuple[Series, ...] = ()
    if known.size:
        low, high = math.log10(min(ends)), math.log10(max(ends))
        edges = np.logspace(low - 0.05, high + 0.05, _BARS + 1)
        heights = np.histogram(known, edges)[0].astype(np.float64)
        x, y = np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)
        series = (Series("margins", tr("tokens"), x, y, "c4", width=1.0, fill_to=0.0),)
    return Figure(
        x=Axis(tr("margin x₍ₖ₎ − x₍ₖ₊₁₎"), log=True, log_locked=True),
        y=Axis(tr("tokens"), log_locked=True),
        series=series,
        cursors=tuple(
            Cursor(key, tr("{format}: ½ ulp", format=tr(name)), "x", halves[key], color=color)
            for (key, name), color in zip(FORMATS.items(), _COLOURS, strict=True)
            if halves[key] > 0.0
        ),
        note=_summary(audit),
        meta=meta,
    )


def worst_tokens(
    audit: Audit,
    rounded_to: NumberFormat,
    heading: str,
    meta: Mapping[str, str],
    *,
    called: Callable[[int], int] | None = None,
) -> Table:
    """Return how many tokens change in every format, and those with the smallest margins.

    ``called(token)`` is the number of a token in its file, which a click on its row means then.
    """
    heads = (
        Column(heading),
        Column(
            *(tr("Margin"), tr("x₍ₖ₎ − x₍ₖ₊₁₎")),
            number=True,
            words=tr("Margin x₍ₖ₎ − x₍ₖ₊₁₎"),
        ),
        *(Column(tr(name), number=True) for name in FORMATS.values()),
    )
    total = max(audit.margin.size, 1)
    first = (
        Cell(tr("all {count}", count=audit.margin.size), strong=True),
        Cell(""),
        *(
            Cell(f"{count} ({share_text(count / total)})", value=count, strong=True)
            for count in (audit.counts[key] for key in FORMATS)
        ),
    )
    worst = audit.tokens(rounded_to, LISTED)
    rows = [_row(audit, int(token), called) for token in worst]
    name = FORMATS[rounded_to]
    note = tr(
        "Tokens that change in {format}, the smallest margin first: {shown} of {all}.",
        format=tr(name),
        shown=len(rows),
        all=audit.counts[rounded_to],
    )
    if not rows:
        note = tr("No token changes in {format}.", format=tr(name))
    hint = tr("A click opens a token on Top-k.") if rows and called is not None else ""
    return Table(heads, (first, *rows), note, hint=hint, meta=meta)


def _row(audit: Audit, token: int, called: Callable[[int], int] | None) -> tuple[Cell, ...]:
    margin = float(audit.margin[token])
    number = token if called is None else called(token)
    data = "" if called is None else str(number)
    return (
        Cell(str(number), value=number, data=data),
        Cell(format_value(margin), value=margin, data=data),
        *(
            Cell(tr("changes"), role="warning", data=data)
            if flags[token]
            else Cell("–", role="muted", data=data)
            for flags in (audit.changed[key] for key in FORMATS)
        ),
    )


def _summary(audit: Audit) -> str:
    if audit.k >= audit.experts:
        return tr("Every token goes to all {experts} experts.", experts=audit.experts)
    tied = int(np.count_nonzero(audit.margin == 0.0))
    return tr(
        "{tokens} tokens to {k} of {experts} experts: {within} margins are within one ulp of their "
        "scores, {tied} are ties.",
        tokens=audit.margin.size,
        k=audit.k,
        experts=audit.experts,
        within=audit.within_ulp,
        tied=tied,
    )
