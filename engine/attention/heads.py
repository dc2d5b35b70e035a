"""What the weights of one head say: the spread of its scores, also against distance; symmetry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.attention.checks import check_base, numbers, real_matrix
from engine.attention.encoding import turned
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.norms import FloatArray, in_range, ldexp, scale_of, scaled

# Below this share of what the factors allow, the terms of a trace cancel too many digits.
_CANCELS = 1e-4


def score_spread(wq: npt.ArrayLike, wk: npt.ArrayLike) -> float:
    """Deviation of a head's scores for independent normal inputs of deviation 1.

    It is ``||Wq^T Wk||_F / sqrt(d_h)``, from ``tr((Wq Wq^T)(Wk Wk^T))``: the (d, d) product is
    never formed.

    Parameters
    ----------
    wq, wk : array_like of shape (d_h, d)
        As stored: queries are ``Wq x``. Read as float64.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError, DataError
        If they are no finite real matrices of one shape, or the answer exceeds float64.

    References
    ----------
    Vaswani et al. (2017), section 3.2.1: scores over sqrt(d_h).

    Examples
    --------
    >>> score_spread([[3.0, 0.0]], [[0.0, 4.0]])
    12.0
    """
    q, k, exponent = _pair(wq, wk)
    one, other = q @ q.T, k @ k.T
    square = float(np.einsum("ij,ij->", one, other))
    size = square**0.5 if square > 0.0 else 0.0
    if square <= _CANCELS * float(np.linalg.norm(one) * np.linalg.norm(other)):
        left, right = _triangles(q, k)
        size = float(np.linalg.norm(left @ right.T))
    return float(in_range(say("the spread"), ldexp(size / q.shape[0] ** 0.5, exponent)))


def spread_at_distance(
    wq: npt.ArrayLike, wk: npt.ArrayLike, distance: npt.ArrayLike, *, base: float = 1e4
) -> FloatArray:
    """Deviation of a head's scores for unit normal input, by distance under RoPE.

    ``||Wq^T R Wk||_F / sqrt(d_h)`` with R the rotation by the distance; the (d, d) product is
    never formed.

    Parameters
    ----------
    wq, wk : array_like of shape (d_h, d)
        One head's weights as stored, out x in; d_h even.
    distance : array_like
        How far the key lies before the query, at least 0; of any shape.
    base : float
        As in `rotate`.

    Returns
    -------
    ndarray of the shape of ``distance``, float64
        At 0 it is `score_spread`.

    Raises
    ------
    ArgumentError
        If the shapes differ, d_h is odd, or a number is out of range.
    DataError
        If an entry is NaN or infinite.

    References
    ----------
    Su et al. (2021), arXiv 2104.09864.

    Examples
    --------
    >>> spread_at_distance([[1.0], [0.0]], [[1.0], [0.0]], [0.0, np.pi / 2]).round(6).tolist()
    [0.707107, 0.0]
    """
    q, k, exponent = _pair(wq, wk)
    heights = q.shape[0]
    if heights % 2:
        raise ArgumentError("wq", say("{count} rows", count=heights), "an even number of rows")
    far = numbers("distance", distance, "finite distances of at least 0", 0.0)
    base = check_base(base)
    left, right = _triangles(q, k)
    found = np.empty(far.size)
    for place, delta in enumerate(far.reshape(-1)):
        where = np.full(len(left), delta)
        found[place] = np.linalg.norm(turned(left, where, base, heights) @ right.T)
    spreads = ldexp(found / heights**0.5, exponent)
    return np.asarray(in_range(say("the spread"), spreads)).reshape(far.shape)


def symmetric_share(wq: npt.ArrayLike, wk: npt.ArrayLike) -> float:
    """Share of ``M = Wq^T Wk`` that is symmetric: ``||(M + M^T) / 2||_F^2 / ||M||_F^2``.

    1 where two tokens score each other alike, 1/2 for unrelated weights, 0 where they score each
    other with opposite signs. M is never formed.

    Parameters
    ----------
    wq, wk : array_like of shape (d_h, d)
        One head's weights as stored, out x in.

    Returns
    -------
    float
        NaN where M is 0.

    Raises
    ------
    ArgumentError, DataError
        If the shapes differ, or an entry is NaN or infinite.

    References
    ----------
    The split of a matrix into its symmetric and skew parts, orthogonal in the Frobenius product.

    Examples
    --------
    >>> symmetric_share([[1.0, 0.0]], [[1.0, 0.0]]), symmetric_share([[1.0, 0.0]], [[0.0, 1.0]])
    (1.0, 0.5)
    """
    q, k, _ = _pair(wq, wk)
    left, right = _triangles(q, k)
    square = float(np.linalg.norm(left @ right.T)) ** 2
    if square == 0.0:
        return float("nan")
    cross = k @ q.T
    return float(np.clip(0.5 + 0.5 * np.einsum("ij,ji->", cross, cross) / square, 0.0, 1.0))


def _pair(wq: npt.ArrayLike, wk: npt.ArrayLike) -> tuple[FloatArray, FloatArray, int]:
    """Return both matrices near 1, and the exponent of the product."""
    q, k = real_matrix("wq", wq), real_matrix("wk", wk)
    if q.shape != k.shape:
        raise ArgumentError("wk", k.shape, say("of the shape of wq, {shape}", shape=q.shape))
    e, f = scale_of(q), scale_of(k)
    return scaled(q, e), scaled(k, f), e + f


def _triangles(q: FloatArray, k: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return R of ``Wq^T = Q R`` and of Wk^T: all that counts for the norm of their product.

    No square cancels as it may in the traces.
    """
    left, right = (np.asarray(np.linalg.qr(one.T, mode="r")) for one in (q, k))
    return left, right
