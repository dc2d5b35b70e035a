"""Position encodings: what they add to the scores of attention, and how it falls with distance."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.attention.checks import (
    LARGEST,
    check_base,
    numbers,
    one_word,
    real_matrix,
    real_rows,
    slopes,
)
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray, in_range, ldexp, scale_of, scaled

ENCODINGS = ("none", "sinusoidal", "rope", "alibi")

_MOST = 1 << 20  # features, heads: beyond all models, within all memories
_CELLS = 1 << 16  # angles held at once
_SPLITTER = 2.0**27 + 1.0


def rotate(x: npt.ArrayLike, positions: npt.ArrayLike, *, base: float = 1e4) -> FloatArray:
    """Rotary position encoding (RoPE): pairs of features turned by angles that grow with position.

    Feature i and feature i + d/2 (halves, as in Llama; not neighbours, as in the paper) are turned
    by ``position * base^(-2i/d)``, so that products depend on differences of positions only.

    Parameters
    ----------
    x : array_like of shape (..., d)
        Queries or keys, d even; never modified.
    positions : array_like that broadcasts to ``x.shape[:-1]``
        Any finite numbers.
    base : float
        Wavelengths go from 2 pi to 2 pi base; at least 1.

    Returns
    -------
    ndarray of the shape of ``x``, float64
        Of the length of ``x``. Angles are exact to 1e-15 up to positions of 1e15.

    Raises
    ------
    ArgumentError
        If d is odd, or positions or base are no such numbers.
    DataError
        If x holds NaN or inf, or what is turned exceeds the range of float64.

    References
    ----------
    Su et al. (2021), arXiv 2104.09864, equation 34; Touvron et al. (2023), arXiv 2302.13971.

    Examples
    --------
    >>> rotate([1.0, 0.0], np.pi / 2).round(12).tolist()
    [0.0, 1.0]
    """
    rows = real_rows("x", x)
    dim = _even("x", rows.shape[-1])
    where = numbers("positions", positions, "finite numbers")
    try:
        where = np.broadcast_to(where, rows.shape[:-1])
    except ValueError:
        allowed = say("an array that broadcasts to the rows, {shape}", shape=rows.shape[:-1])
        raise ArgumentError("positions", where.shape, allowed) from None
    exponent = scale_of(rows)
    found = turned(scaled(rows, exponent), where, check_base(base), dim)
    return np.asarray(in_range(say("a rotated entry"), ldexp(found, exponent)))


def rope_decay(distance: npt.ArrayLike, dim: int, *, base: float = 1e4) -> FloatArray:
    """RoPE's score of two equal vectors of flat size: ``(2/d) sum_i cos(distance base^(-2i/d))``.

    Parameters
    ----------
    distance : array_like
        Between query and key, at least 0; of any shape.
    dim : int
        d, even.
    base : float
        As in `rotate`.

    Returns
    -------
    ndarray of the shape of ``distance``, float64
        1 at distance 0; for many features about ``(Ci(D) - Ci(D / base)) / ln base``. Each
        cosine is exact to 1e-15 up to distances of 1e15.

    Raises
    ------
    ArgumentError
        If a distance is negative, NaN or infinite, d is odd, or base is below 1.

    References
    ----------
    Su et al. (2021), arXiv 2104.09864, section 3.4.3; Su, kexue.fm/archives/10347.

    Examples
    --------
    >>> rope_decay([0.0, 1.0], 2).round(6).tolist()
    [1.0, 0.540302]
    """
    far = numbers("distance", distance, "finite distances of at least 0", 0.0)
    pairs = _even("dim", check_rank("dim", dim, _MOST, least=1)) // 2
    base, flat = check_base(base), far.reshape(-1)
    size = max(1, _CELLS // pairs)
    found = np.empty(flat.shape)
    for start in range(0, flat.size, size):
        part = slice(start, start + size)
        found[part] = _cos_sin(flat[part], 2 * pairs, base)[0].mean(axis=-1)
    return found.reshape(far.shape)


def alibi_slopes(heads: int) -> FloatArray:
    """Slopes of ALiBi: ``2^(-8h/H)`` for h = 1 ... H where H is a power of two.

    For other H those of the power of two below, then every other one of the power above.

    Parameters
    ----------
    heads : int
        H, at least 1.

    Returns
    -------
    ndarray of shape (heads,), float64

    Raises
    ------
    ArgumentError
        If heads is no such integer.

    References
    ----------
    Press, Smith & Lewis (2022), arXiv 2108.12409, section 3 and its code, ``get_slopes``.

    Examples
    --------
    >>> alibi_slopes(3).tolist()
    [0.0625, 0.00390625, 0.25]
    """
    count = check_rank("heads", heads, _MOST, least=1)
    below = 1 << (count.bit_length() - 1)
    power = -8.0 * np.arange(1, below + 1) / below
    between = -8.0 * np.arange(1, 2 * (count - below), 2) / (2 * below)
    return np.asarray(np.exp2(np.concatenate([power, between])))


def encoded_scores(
    queries: npt.ArrayLike,
    keys: npt.ArrayLike,
    encoding: str = "none",
    *,
    base: float = 1e4,
    slope: float = 0.0,
) -> FloatArray:
    """Scores of attention with a position encoding, ``q_i k_j / sqrt(d)`` without one.

    Parameters
    ----------
    queries, keys : array_like of shape (n, d)
        Row i belongs to position i, counted from 0.
    encoding : {"none", "sinusoidal", "rope", "alibi"}
        Nothing; ``sin, cos(i base^(-2f/d))`` in turn added to queries and keys; both turned by
        `rotate`; ``-slope |i - j|`` added to the scores. The second and third need an even d.
    base : float
        Of the wavelengths of sinusoidal and rope, at least 1.
    slope : float
        Of alibi, per position, at least 0.

    Returns
    -------
    ndarray of shape (n, n), float64

    Raises
    ------
    ArgumentError
        If the shapes differ, d is odd where it must not be, or a word or number is not allowed.
    DataError
        If an entry is NaN or inf, or a score exceeds the range of float64.

    References
    ----------
    Vaswani et al. (2017), section 3.5; Su et al. (2021), arXiv 2104.09864; Press et al. (2022),
    arXiv 2108.12409.

    Examples
    --------
    >>> encoded_scores([[2.0], [2.0]], [[1.0], [3.0]], "alibi", slope=0.5).tolist()
    [[2.0, 5.5], [1.5, 6.0]]
    """
    q, k = real_matrix("queries", queries), real_matrix("keys", keys)
    if q.shape != k.shape:
        raise ArgumentError("keys", k.shape, say("of the shape of queries, {shape}", shape=q.shape))
    encoding = one_word("encoding", encoding, ENCODINGS)
    base, bias = check_base(base), slopes(slope)
    n, d = q.shape
    if bias.ndim:
        raise ArgumentError("slope", slope, "a finite number of at least 0")
    if bias > LARGEST / n / 2.0:
        allowed = say("at most {most:g} for {n} positions", most=LARGEST / n / 2.0, n=n)
        raise ArgumentError("slope", slope, allowed)
    where = np.arange(n, dtype=np.float64)
    if encoding == "sinusoidal":
        added = waves(where, _even("queries", d), base)
        q, k = q + added, k + added
    e, f = scale_of(q), scale_of(k)
    q, k = scaled(q, e), scaled(k, f)
    if encoding == "rope":
        _even("queries", d)
        q, k = turned(q, where, base, d), turned(k, where, base, d)
    scores = in_range(say("a score"), ldexp(q @ k.T / d**0.5, e + f))
    if encoding == "alibi":
        with np.errstate(over="ignore"):
            scores = in_range(
                say("a score"), scores - bias * np.abs(where[:, None] - where[None, :])
            )
    return np.asarray(scores)


def _even(name: str, features: int) -> int:
    if features % 2:
        raise ArgumentError(
            name, say("{count} features", count=features), "an even number of features"
        )
    return features


def waves(where: FloatArray, dim: int, base: float) -> FloatArray:
    """Return ``sin, cos`` in turn, (..., dim), of checked positions: what sinusoidal adds.

    Examples
    --------
    >>> waves(np.array([0.0]), 4, 1e4).tolist()
    [[0.0, 1.0, 0.0, 1.0]]
    """
    cos, sin = _cos_sin(where, dim, base)
    return np.stack([sin, cos], axis=-1).reshape(*where.shape, dim)


def turned(x: FloatArray, where: FloatArray, base: float, dim: int) -> FloatArray:
    """Return checked rows turned to checked positions, see `rotate`.

    Examples
    --------
    >>> turned(np.array([[1.0, 0.0]]), np.array([0.0]), 1e4, 2).tolist()
    [[1.0, 0.0]]
    """
    cos, sin = _cos_sin(where, dim, base)
    first, second = x[..., : dim // 2], x[..., dim // 2 :]
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def _cos_sin(where: FloatArray, dim: int, base: float) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine, (..., dim / 2), of ``where * base^(-2i/dim)``.

    A product rounded to float64 is off by 1e-4 at 1e12; here it is the sum of two numbers (Dekker
    1971, Numerische Mathematik 18, section 5).
    """
    high, low = _frequencies(dim, base)
    mantissa, exponent = np.frexp(where[..., None])
    product = mantissa * high
    (a, b), (c, d) = _halves(mantissa), _halves(high)
    rest = ((a * c - product) + a * d + b * c) + b * d + mantissa * low
    angle, rest = np.ldexp(product, exponent), np.ldexp(rest, exponent)
    cos, sin = np.cos(angle), np.sin(angle)
    if np.max(np.abs(rest), initial=0.0) < 1e-8:
        return cos - rest * sin, sin + rest * cos
    cos_rest, sin_rest = np.cos(rest), np.sin(rest)
    return cos * cos_rest - sin * sin_rest, sin * cos_rest + cos * sin_rest


def _halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    large = _SPLITTER * x
    high = large - (large - x)
    return high, x - high


@lru_cache(maxsize=32)
def _frequencies(dim: int, base: float) -> tuple[FloatArray, FloatArray]:
    """``base^(-2i/dim)`` for i < dim / 2, each as a sum of two numbers."""
    with localcontext(Context(prec=60)):
        ratio, exact = Decimal(base) ** (Decimal(-2) / Decimal(dim)), [Decimal(1)]
        for _ in range(dim // 2 - 1):
            exact.append(exact[-1] * ratio)
        high = [float(value) for value in exact]
        low = [float(value - Decimal(near)) for value, near in zip(exact, high, strict=True)]
    found = np.array(high), np.array(low)
    for array in found:
        array.setflags(write=False)
    return found
