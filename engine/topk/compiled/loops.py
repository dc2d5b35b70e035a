"""The passes over scores that a row is solved with, compiled: the same loops for every law.

A pass sees ``z = (x - center) scale`` at a threshold lam.  For laws made of exponentials the first
one leaves e^z behind: then another threshold costs one factor, and a row one exponential per score
however many passes follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.topk.compiled.constants import AGAIN, CLOSE, LOOK
from engine.topk.compiled.elementary import exp
from engine.topk.compiled.jit import inlined, part, part_of
from engine.topk.compiled.laws import Law
from engine.topk.semantics import FloatArray

__all__ = ["Loops", "Sums", "loops_of"]

# L, U, count, the sums of F' on both sides, those of F'' ... F^(6): what a step is taken from.
Sums = tuple[float, float, float, float, float, float, float, float, float, float]

_NOTHING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_BLOCK = 512  # scores that stay in the L1 cache between two loops over them
_FAR = 680.0  # e^z beyond counts as 0 or infinite; within, also times any factor, it is normal


@dataclass(frozen=True)
class Loops:
    """The passes of one law over a row or a part of one, compiled.

    Parameters
    ----------
    look : callable
        ``(x, center, scale, lam, p) -> (Sums, probe)``; p then holds what the others build upon,
        and the probe is NaN where a score is not finite.
    again : callable
        The same with another lam; the probe is 0.
    close : callable
        ``(x, center, scale, lam, step, p, f)`` after a pass at lam: F and F' at lam + step into p
        and f, F alone where f is empty.
    sweep : callable
        ``(kind, x, center, scale, lam, step, p, f) -> (Sums, probe)``: one of these, or what
        `close` does without a pass before; F gives L, U and the count of the sums, and no more.
    """

    look: Callable[..., tuple[Sums, float]]
    again: Callable[..., tuple[Sums, float]]
    close: Callable[..., None]
    sweep: Callable[..., tuple[Sums, float]]


@inlined
def _weight(z: float) -> float:
    """Return e^z, exactly 0 or infinite where that is far from counting, as for -inf."""
    e = exp(z) if z >= -_FAR else 0.0
    return e if z <= _FAR else math.inf


@inlined
def _same(value: float) -> float:
    return value


@inlined
def _factor(lam: float) -> float:
    return math.exp(-lam)


@inlined
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Return ``a + b`` and what rounding took from it (Knuth, TAOCP 2, 4.2.2)."""
    total = a + b
    own = total - a
    return total, (a - (total - own)) + (b - own)


@inlined
def _added(sums: Sums, rest: Sums, here: Sums) -> tuple[Sums, Sums]:
    """Add to L and U with their rounding errors, which are what thousands of equal terms add up."""
    lower, lost = _two_sum(sums[0], here[0])
    upper, lost_above = _two_sum(sums[1], here[1])
    total = (
        lower, upper, sums[2] + here[2], sums[3] + here[3], sums[4] + here[4], sums[5] + here[5],
        sums[6] + here[6], sums[7] + here[7], sums[8] + here[8], sums[9] + here[9],
    )  # fmt: skip
    left = (rest[0] + lost, rest[1] + lost_above, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return total, left


@inlined
def _joined(sums: Sums, rest: Sums) -> Sums:
    return (
        sums[0] + rest[0], sums[1] + rest[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7],
        sums[8], sums[9],
    )  # fmt: skip


def loops_of(law: Law) -> Loops:
    """Return the passes of a law."""
    total, finish = _total_of(law), _close_of(law, False)
    look, close = total, finish
    if law.exponential:
        look, close = _look_of(law, total), _close_of(law, True)
    elif law.carry is not None:
        close = _carry_of(law, finish)
    look, again = _in_blocks(look, f"{law.name}_look"), _in_blocks(total, f"{law.name}_again")
    return Loops(look, again, close, _sweep_of(law, look, again, close, finish))


def _total_of(law: Law) -> Callable[..., tuple[Sums, float]]:
    """Return what adds up a part of a row, from p where there are exponentials in it."""
    entry, derivatives = law.entry, law.derivatives
    exponential, carried = law.exponential, law.carry is not None
    shift = _factor if exponential else _same

    @part_of(law.name)
    def total(
        x: FloatArray, center: float, scale: float, lam: float, p: FloatArray
    ) -> tuple[Sums, float]:
        lower = upper = above = s1 = s2 = e1 = e2 = e3 = e4 = e5 = probe = 0.0
        a = shift(lam)
        for i in range(x.size):
            if exponential:
                w = p[i]
            else:
                w = (x[i] - center) * scale
                probe += x[i] * 0.0
            q, f, up, d1, d2, d3, d4, d5 = entry(w, a)
            if carried:
                p[i] = 1.0 - q if up else q
            lower += 0.0 if up else q
            upper += q if up else 0.0
            above += 1.0 if up else 0.0
            s1 += 0.0 if up else f
            s2 += f if up else 0.0
            e1 += d1
            e2 += d2
            e3 += d3
            e4 += d4
            e5 += d5
        d2, d3, d4, d5, d6 = derivatives(s1, s2, e1, e2, e3, e4, e5)
        return (lower, upper, above, s1, s2, d2, d3, d4, d5, d6), probe

    return total


def _in_blocks(
    pass_: Callable[..., tuple[Sums, float]], name: str
) -> Callable[..., tuple[Sums, float]]:
    """Return a pass over parts that stay in the cache, whose sums keep their digits."""

    @part_of(name)
    def blocks(
        x: FloatArray, center: float, scale: float, lam: float, p: FloatArray
    ) -> tuple[Sums, float]:
        if x.size <= _BLOCK:
            return pass_(x, center, scale, lam, p)
        sums, rest, probe = _NOTHING, _NOTHING, 0.0
        for start in range(0, x.size, _BLOCK):
            stop = start + _BLOCK
            here, here_probe = pass_(x[start:stop], center, scale, lam, p[start:stop])
            sums, rest = _added(sums, rest, here)
            probe += here_probe
        return _joined(sums, rest), probe

    return blocks


def _look_of(
    law: Law, again: Callable[..., tuple[Sums, float]]
) -> Callable[..., tuple[Sums, float]]:
    """Return a first pass over exponentials: two loops need fewer registers than one."""

    @part_of(law.name)
    def look(
        x: FloatArray, center: float, scale: float, lam: float, p: FloatArray
    ) -> tuple[Sums, float]:
        probe = _weigh(x, center, scale, p)
        return again(x, center, scale, lam, p)[0], probe

    return look


@part
def _weigh(x: FloatArray, center: float, scale: float, w: FloatArray) -> float:
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        w[i] = _weight((x[i] - center) * scale)
    return probe


def _close_of(law: Law, kept: bool) -> Callable[..., None]:
    """Return what writes F and F' from what a pass left in p, or from the scores."""
    final = law.final
    weight, shift = (_weight, _factor) if law.exponential else (_same, _same)

    @part_of(f"{law.name}_kept" if kept else law.name)
    def close(
        x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
        f: FloatArray,
    ) -> None:  # fmt: skip
        a = shift(lam + step)
        if f.size:
            for i in range(x.size):
                w = p[i] if kept else weight((x[i] - center) * scale)
                p[i], f[i] = final(w, a)
        else:
            for i in range(x.size):
                w = p[i] if kept else weight((x[i] - center) * scale)
                p[i] = final(w, a)[0]

    return close


def _carry_of(law: Law, finish: Callable[..., None]) -> Callable[..., None]:
    """Return what carries F from the last pass on where the step is short."""
    carry, reach = law.carry, law.reach
    assert carry is not None

    @part_of(f"{law.name}_carried")
    def close(
        x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
        f: FloatArray,
    ) -> None:  # fmt: skip
        if abs(step) > reach:
            finish(x, center, scale, lam, step, p, f)
        elif f.size:
            for i in range(x.size):
                p[i], f[i] = carry((x[i] - center) * scale, lam, step, p[i])
        else:
            for i in range(x.size):
                p[i] = carry((x[i] - center) * scale, lam, step, p[i])[0]

    return close


@part
def _ends(p: FloatArray) -> Sums:
    """Return L, U and the count of what is finished."""
    lower = upper = above = 0.0
    for i in range(p.size):
        up = p[i] >= 0.5
        lower += 0.0 if up else p[i]
        upper += 1.0 - p[i] if up else 0.0
        above += 1.0 if up else 0.0
    return lower, upper, above, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


def _sweep_of(
    law: Law,
    look: Callable[..., tuple[Sums, float]],
    again: Callable[..., tuple[Sums, float]],
    close: Callable[..., None],
    finish: Callable[..., None],
) -> Callable[..., tuple[Sums, float]]:
    @part_of(law.name)
    def sweep(
        kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float,
        p: FloatArray, f: FloatArray,
    ) -> tuple[Sums, float]:  # fmt: skip
        if kind == LOOK:
            return look(x, center, scale, lam, p)
        if kind == AGAIN:
            return again(x, center, scale, lam, p)
        sums, rest = _NOTHING, _NOTHING
        for start in range(0, x.size, _BLOCK):
            stop = start + _BLOCK
            block, out, slopes = x[start:stop], p[start:stop], f[start:stop]
            if kind == CLOSE:
                close(block, center, scale, lam, step, out, slopes)
            else:
                finish(block, center, scale, lam, step, out, slopes)
            sums, rest = _added(sums, rest, _ends(out))
        return _joined(sums, rest), 0.0

    return sweep
