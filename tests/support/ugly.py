"""Ugly matrices from a seed: every shape, content, scale, type and layout a person might bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from engine.jobs import Cancelled

SHAPES = [(1, 1), (1, 6), (6, 1), (2, 2), (3, 3), (7, 4), (4, 7), (12, 12), (40, 9), (9, 40)]
EMPTY = [(0, 0), (0, 3), (3, 0)]
DTYPES: list[Any] = [
    np.float64, np.float64, np.float64, np.float32, np.float32, np.float16, ml_dtypes.bfloat16,
    np.int8, np.uint8, np.int64, np.bool_, np.complex64, np.complex128, np.longdouble, ">f8", ">f4",
]  # fmt: skip
SCALES = [1.0, 1.0, 1.0, 1e300, 1e-300, 1e-322, 1e150, 1e-160, 1e30, 1e-30, 255.0, 3e307]


def _normal(rng, shape):
    return rng.standard_normal(shape)


def _low_rank(rank):
    return lambda rng, shape: (
        rng.standard_normal((shape[0], rank)) @ rng.standard_normal((rank, shape[1]))
    )


def _duplicates(rng, shape):
    a = rng.standard_normal(shape)
    return a[rng.integers(0, max(shape[0] // 2, 1), shape[0])]


def _ties(rng, shape):
    """Every singular value 1 (or two clusters)."""
    k = min(shape)
    u = np.linalg.qr(rng.standard_normal((shape[0], k)))[0]
    v = np.linalg.qr(rng.standard_normal((shape[1], k)))[0]
    return (u * np.where(np.arange(k) < k // 2, 1.0, rng.choice([1.0, 1e-3]))) @ v.T


def _graded(rng, shape):
    return rng.standard_normal(shape) * 10.0 ** -np.linspace(0, 15, shape[1])


def _rows_of_every_scale(rng, shape):
    return rng.standard_normal(shape) * 10.0 ** rng.uniform(-290, 0, (shape[0], 1))


def _one_entry(rng, shape):
    a = np.zeros(shape)
    a[rng.integers(shape[0]), rng.integers(shape[1])] = -1.0
    return a


CONTENTS = {
    "normal": _normal,
    "zero": lambda rng, shape: np.zeros(shape),
    "constant": lambda rng, shape: np.full(shape, 0.7),
    "rank 1": _low_rank(1),
    "rank 2": _low_rank(2),
    "duplicates": _duplicates,
    "ties": _ties,
    "graded": _graded,
    "rows of every scale": _rows_of_every_scale,
    "identity": lambda rng, shape: np.eye(*shape),
    "one entry": _one_entry,
    "integers": lambda rng, shape: rng.integers(-9, 10, shape).astype(float),
}
LAYOUTS = {
    "C": lambda a: a,
    "Fortran": np.asfortranarray,
    "reversed": lambda a: np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1],
    "strided": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "list": lambda a: a.tolist(),
}
SPOILS = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


@dataclass(frozen=True)
class Ugly:
    """An input, the float64 (complex128) numbers that are in it, and words that describe it."""

    given: Any
    exact: np.ndarray
    words: str

    @property
    def finite(self):
        return bool(np.isfinite(self.exact).all())


def ugly_matrix(rng, shape=None, *, spoiled=True, kinds="biufcV") -> Ugly:
    """One matrix; ``spoiled`` allows NaN, infinities and empty shapes."""
    if spoiled and shape is None and rng.random() < 0.03:
        shape = EMPTY[rng.integers(len(EMPTY))]
        return Ugly(np.zeros(shape), np.zeros(shape), f"empty {shape}")
    shape = SHAPES[rng.integers(len(SHAPES))] if shape is None else shape
    content, layout = str(rng.choice(list(CONTENTS))), str(rng.choice(list(LAYOUTS)))
    dtype = np.dtype(DTYPES[rng.integers(len(DTYPES))])
    while dtype.kind not in kinds:
        dtype = np.dtype(DTYPES[rng.integers(len(DTYPES))])
    scale = SCALES[rng.integers(len(SCALES))]
    with np.errstate(all="ignore"):
        plain = CONTENTS[content](rng, shape)
        a = plain * scale
        if dtype.kind == "c":
            a = a * np.exp(2j * np.pi * rng.random())
    spoil = ""
    if spoiled and dtype.kind not in "biu" and rng.random() < 0.08:
        spoil = str(rng.choice(list(SPOILS)))
        a[rng.integers(shape[0]), rng.integers(shape[1])] = SPOILS[spoil]
    if dtype.kind in "iu":
        a = np.clip(a, -100 if dtype.kind == "i" else 0, 100)
    with np.errstate(all="ignore"):
        typed = np.asarray(a).astype(dtype)
        if not spoiled and not np.isfinite(typed.astype(complex)).all():
            typed = plain.astype(dtype)
    # A list of lists keeps numbers, not their type.
    given = LAYOUTS["C" if layout == "list" and dtype.kind in "V" else layout](typed)
    if isinstance(given, np.ndarray):
        given.setflags(write=False)
    exact = np.asarray(given).astype(np.complex128 if dtype.kind == "c" else np.float64)
    words = f"{shape} {content} x {scale:g} {dtype.name} {layout} {spoil}"
    return Ugly(given, exact, words.strip())


class CancelAt:
    """A progress that asks to stop at check ``at``, and remembers what it was told."""

    def __init__(self, at=None):
        self.at, self.checks, self.reports = at, 0, []

    @property
    def cancelled(self):
        self.checks += 1
        return self.at is not None and self.checks > self.at

    def report(self, fraction, text):
        assert 0.0 <= fraction <= 1.0, fraction
        assert text
        self.reports.append(fraction)


def stopped_somewhere(rng, jobs):
    """One of the jobs, name to ``job(progress)``, stopped at any check: it raises Cancelled."""
    name = str(rng.choice(list(jobs)))
    whole = CancelAt()
    jobs[name](whole)
    at = int(rng.integers(0, whole.checks))
    try:
        jobs[name](CancelAt(at))
    except Cancelled:
        return name, at
    raise AssertionError(f"{name} went on after check {at} of {whole.checks}")
