"""The singular value decomposition of a 2 x 2 matrix as a picture: turn, stretch, turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.spectrum.linalg.checks import finite_matrix
from engine.spectrum.linalg.norms import FloatArray, ldexp, scale_of, scaled


@dataclass(frozen=True, eq=False)
class CircleStages:
    """The unit circle on its way through ``M = U S V^T``; columns are points (x, y).

    Parameters
    ----------
    circle : ndarray of shape (2, n)
        The unit circle, closed: the last point is the first.
    turned : ndarray of shape (2, n)
        After ``V^T``: the same circle, its points moved.
    stretched : ndarray of shape (2, n)
        After ``S``: an ellipse along the axes.
    image : ndarray of shape (2, n)
        After ``U``: the image under M.
    axes : tuple of 4 ndarrays of shape (2, 2)
        The right singular vectors (columns) at each of the four stages: finally sigma_i u_i.
    u, s, vh : ndarrays of shape (2, 2), (2,), (2, 2)
        The factors, ``u`` and ``vh`` rotations unless a flag below says otherwise.
    angle_v, angle_u : float
        Angle in radians, in (-pi, pi], by which ``V^T`` and ``U`` turn (after a reflection of the
        second axis where they reflect).
    v_reflects, u_reflects : bool
        Whether the factor has determinant -1. At most ``u`` reflects, and only when det M < 0.
    """

    circle: FloatArray
    turned: FloatArray
    stretched: FloatArray
    image: FloatArray
    axes: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    u: FloatArray
    s: FloatArray
    vh: FloatArray
    angle_v: float
    angle_u: float
    v_reflects: bool
    u_reflects: bool


def circle_stages(m: npt.ArrayLike, points: int = 181) -> CircleStages:
    """Follow the unit circle through the three factors of a real 2 x 2 matrix.

    Parameters
    ----------
    m : array_like of shape (2, 2)
        Real and finite.
    points : int
        n, at least 3.

    Returns
    -------
    CircleStages
        Signs are chosen so that ``V^T`` is a pure rotation; a negative determinant shows as a
        reflection in ``U``.

    Raises
    ------
    ArgumentError
        If ``m`` is not real 2 x 2 or ``points`` is too small.
    DataError
        If ``m`` has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10407; Trefethen & Bau, Numerical Linear Algebra (1997), lecture 4.

    Examples
    --------
    >>> stages = circle_stages([[0.0, -2.0], [1.0, 0.0]], points=5)
    >>> stages.s.tolist(), stages.u_reflects
    ([2.0, 1.0], False)
    >>> stages.image.round(12)[:, 0].tolist()
    [0.0, 1.0]
    """
    matrix = finite_matrix("m", m)
    if matrix.shape != (2, 2) or matrix.dtype.kind == "c":
        given = f"{matrix.shape[0]} x {matrix.shape[1]}, {matrix.dtype.name}"
        raise ArgumentError("m", given, "a real 2 x 2 matrix")
    if int(points) != points or points < 3:
        raise ArgumentError("points", points, "an integer of at least 3")
    exponent = scale_of(matrix)
    u, values, vh = np.linalg.svd(scaled(matrix, exponent))
    u, vh = _without_needless_reflections(u, values, vh)
    s = ldexp(values, exponent)
    angle = np.linspace(0.0, 2.0 * np.pi, int(points))
    circle = np.stack([np.cos(angle), np.sin(angle)])
    circle[:, -1] = circle[:, 0]
    shapes = _stages(u, s, vh, circle)
    return CircleStages(
        *shapes,
        axes=_stages(u, s, vh, vh.T),
        u=u,
        s=s,
        vh=vh,
        angle_v=float(np.arctan2(vh[1, 0], vh[0, 0])),
        angle_u=float(np.arctan2(u[1, 0], u[0, 0])),
        v_reflects=bool(np.linalg.det(vh) < 0.0),
        u_reflects=bool(np.linalg.det(u) < 0.0),
    )


def _without_needless_reflections(
    u: FloatArray, values: FloatArray, vh: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Flip second singular vectors in pairs, or freely where sigma_2 is rounding."""
    flip = np.array([1.0, -1.0])
    if np.linalg.det(vh) < 0.0:
        vh, u = vh * flip[:, None], u * flip
    if values[1] <= 4.0 * np.finfo(np.float64).eps * values[0] and np.linalg.det(u) < 0.0:
        u = u * flip
    # Both first vectors turned by pi are the same decomposition: take the smaller turn of V^T.
    if vh[0, 0] < 0.0:
        u, vh = -u, -vh
    return u, vh


def _stages(
    u: FloatArray, s: FloatArray, vh: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    turned = vh @ start
    stretched = s[:, None] * turned
    return start, turned, stretched, u @ stretched
