"""GradTopK for many short rows at once by NumPy: entries times angles, in arrays of rows.

What `series` does row by row for long ones is here the plain sum over the angles; they are
those of the row that needs most, which are exact for the others, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.topk.grad.angles import angles
from engine.topk.semantics import FloatArray

__all__ = ["GradRows"]

ComplexArray = NDArray[np.complex128]


class GradRows:
    """The conditioned coins of (m, n) scores.

    Parameters
    ----------
    rare, heads : ndarray (m, n)
        Probability of the rare side of each coin, and whether that is tails.
    k : ndarray (m,)
        How many heads there are in each row.
    theta, weight : ndarray (angles,), float64
        Quadrature of `angles`.
    """

    def __init__(
        self, rare: FloatArray, heads: NDArray[np.bool_], k: FloatArray, theta: FloatArray,
        weight: FloatArray,
    ) -> None:  # fmt: skip
        self.rare, self.sign, self.theta = rare, np.where(heads, -1.0, 1.0), theta
        self.heads = heads
        excess = k - np.count_nonzero(heads, axis=1)
        half = np.sin(0.5 * theta)
        self.real, self.imaginary = -2.0 * half * half, np.sin(theta)
        mass = np.stack([_product(self._factors(j)) for j in range(theta.size)])
        mass *= weight[:, None] * np.exp(-1j * np.multiply.outer(theta, excess))
        self.probability: FloatArray = mass.real.sum(axis=0)
        self.mass: ComplexArray = mass / self.probability

    @classmethod
    def of(cls, s: FloatArray, f: FloatArray, k: FloatArray) -> GradRows:
        """Return the coins of chances s, (m, n), and ``s (1 - s)``, with k heads in each row."""
        heads = s >= 0.5
        rare = np.divide(f, s, out=np.zeros_like(s), where=heads)
        np.copyto(rare, s, where=~heads)
        variance = f.sum(axis=1)
        quadrature = angles(s.shape[1], float(variance.max()), float(variance.min()))
        return cls(rare, heads, k, *quadrature)

    def _factors(self, j: int) -> ComplexArray:
        """Return ``1 + q (e^{+-i th} - 1)`` of every coin at an angle, (m, n)."""
        result = np.empty(self.rare.shape, np.complex128)
        np.multiply(self.rare, self.real[j], out=result.real)
        result.real += 1.0
        np.multiply(self.rare, self.imaginary[j], out=result.imag)
        result.imag *= self.sign
        return result

    def _conditioned(self, j: int) -> ComplexArray:
        """Return the probability u of the rare side at an angle, (m, n)."""
        turn = (1.0 + self.real[j]) + 1j * self.imaginary[j] * self.sign
        result: ComplexArray = turn * self.rare / self._factors(j)
        return result

    def value(self) -> FloatArray:
        """Return p, (m, n): the real part of mass times u over the angles, in real arrays.

        ``u = (q + q (1 - q) (e^{-+i th} - 1) +- i q (1 - q) sin th) / |1 + q (e^{i th} - 1)|^2``.
        """
        q = self.rare
        spread, square = q * (1.0 - q), q * q
        turned = self.sign * spread
        p, size, part, other = np.zeros_like(q), *(np.empty_like(q) for _ in range(3))
        for real, imaginary, mass in zip(self.real, self.imaginary, self.mass, strict=True):
            np.multiply(q, real, out=size)
            size += 1.0
            size *= size
            np.multiply(square, imaginary * imaginary, out=part)
            size += part
            np.multiply(spread, real, out=part)
            part += q
            part *= mass.real[:, None]
            np.multiply(turned, (imaginary * mass.imag)[:, None], out=other)
            part -= other
            part /= size
            p += part
        np.clip(p, 0.0, 1.0, out=p)
        return np.where(self.heads, 1.0 - p, p)

    def product(self, v: FloatArray, tau: float) -> FloatArray:
        """Return the covariance of the random subset times ``v / tau``, (m, n)."""
        v = np.where(self.rare > 0.0, v, 0.0)
        v -= v.mean(axis=1, keepdims=True)
        along = v * self.sign
        inner = np.stack([self._inner(j, along) for j in range(self.theta.size)])
        inner -= (self.mass * inner).sum(axis=0).real
        result = np.zeros_like(v)
        for j, mass in enumerate(self.mass):
            u = self._conditioned(j)
            shared = self.sign * inner[j][:, None]
            result += (mass[:, None] * (u * ((1.0 - u) * v + shared))).real
        result /= tau
        return result

    def covariance(self) -> FloatArray:
        """Return the covariance of the random subset of the only row, (n, n)."""
        u = np.stack([self._conditioned(j)[0] for j in range(self.theta.size)])
        mass = self.mass[:, 0]
        average = (mass @ u).real
        centred = u - average
        result: FloatArray = ((mass[:, None] * centred).T @ centred).real
        result[np.diag_indices(average.size)] = average * (1.0 - average)
        result *= np.multiply.outer(self.sign[0], self.sign[0])
        return result

    def _inner(self, j: int, along: FloatArray) -> ComplexArray:
        result: ComplexArray = (self._conditioned(j) * along).sum(axis=1)
        return result


def _product(factors: ComplexArray) -> ComplexArray:
    """Return the product along each row, (m,): halves at once, as one after the other is slow."""
    while (n := factors.shape[1]) > 8:
        half = n // 2
        product = factors[:, :half] * factors[:, half : 2 * half]
        if n % 2:
            product[:, 0] *= factors[:, -1]
        factors = product
    result: ComplexArray = factors.prod(axis=1)
    return result
