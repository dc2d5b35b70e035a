"""The record of a singular value spectrum: the values, and how far each can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import one_of, say

FloatArray = npt.NDArray[np.float64]

Guarantee = Literal["rigorous", "modelled", "probable"]
GUARANTEES: tuple[Guarantee, ...] = get_args(Guarantee)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Singular values of an m x n matrix with what is known about their error.

    Parameters
    ----------
    values : ndarray of shape (r,), float64
        Singular values, descending and not negative. r = min(m, n) when ``complete``. Stored
        read-only; a copy is taken only of a writeable array.
    shape : tuple of int
        (m, n) of the matrix.
    dtype : str
        Name of the data's own type, e.g. ``"float32"``.
    method : str
        What computed the values: ``"svd"``, ``"gram"``, ``"stream"``, ``"randomized"``,
        ``"lanczos"``, ``"verified"``, ``"product"``.
    error_bound : float
        Absolute bound on ``|values[i] - sigma_i|`` for every i, in the units of the data and with
        respect to the data as given. Where ``complete`` is false it is ``max(upper - values)``.
    complete : bool
        Whether every singular value is there.
    frobenius : float
        ``||M||_F``, accumulated in float64.
    residual : float
        Frobenius norm that the values do not account for,
        ``sqrt(||M||_F^2 - sum(values^2))``; 0 when ``complete``.
    upper : ndarray of shape (r,), float64, or None
        ``sigma_i <= upper[i]``; None when ``complete``.
    note : str
        What happened, in words, where it is worth saying.
    errors : ndarray of shape (r,), float64, or None
        Bound on ``|values[i] - sigma_i|`` for each i on its own, at most ``error_bound``.
    guarantee : {"rigorous", "modelled", "probable"}
        What the bounds rest on. ``"rigorous"``: every rounding error is bounded a priori;
        ``"modelled"``: rounding errors are taken as independent of zero mean, with a margin;
        ``"probable"``: as modelled, and upper bounds may fail with a stated probability over the
        seed.
    lower : ndarray of shape (r,), float64, or None
        ``lower[i] <= sigma_i``; where there is ``upper`` and no ``lower`` it is the values.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([3.0, 1.0]), (2, 5), "float64", "svd", 2.0**-40, True, 10.0**0.5)
    >>> s.values.flags.writeable, s.rank_limit, s.values - s.band[0] <= s.error_bound
    (False, 2, array([ True,  True]))
    """

    values: FloatArray
    shape: tuple[int, int]
    dtype: str
    method: str
    error_bound: float
    complete: bool
    frobenius: float
    residual: float = 0.0
    upper: FloatArray | None = None
    note: str = ""
    errors: FloatArray | None = None
    guarantee: Guarantee = "modelled"
    lower: FloatArray | None = None

    def __post_init__(self) -> None:
        values = read_only(self.values)
        if values.ndim != 1:
            raise ArgumentError("values", values.shape, "a one-dimensional array")
        if (values[1:] > values[:-1]).any():
            raise ArgumentError("values", values, "in descending order")
        object.__setattr__(self, "values", values)
        for name in ("upper", "errors", "lower"):
            given = getattr(self, name)
            if given is None:
                continue
            array = read_only(given)
            if array.shape != values.shape:
                raise ArgumentError(
                    name, array.shape, say("of the shape of values, {shape}", shape=values.shape)
                )
            object.__setattr__(self, name, array)
        if self.guarantee not in GUARANTEES:
            raise ArgumentError("guarantee", self.guarantee, one_of(GUARANTEES))

    @property
    def rank_limit(self) -> int:
        """The largest rank the matrix can have, min(m, n)."""
        return min(self.shape)

    @property
    def band(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds on each singular value, to be drawn as a band."""
        if self.upper is not None:
            return self.values if self.lower is None else self.lower, self.upper
        errors = self.error_bound if self.errors is None else self.errors
        return np.maximum(self.values - errors, 0.0), self.values + errors


def read_only(array: npt.ArrayLike) -> FloatArray:
    """``array`` as float64 that cannot be written to; the caller's own array stays as it is."""
    result = np.asarray(array, dtype=np.float64)
    if result.flags.writeable:
        result = result.copy()
        result.setflags(write=False)
    return result
