"""Spectra from given values: complete ones, and the leading part of one."""

from __future__ import annotations

import numpy as np

from engine.spectrum import Spectrum


def spectrum_of(values, shape=None, dtype="float64"):
    values = np.asarray(values, dtype=np.float64)
    shape = shape or (values.size, values.size)
    norm = float(np.hypot.reduce(values)) if values.size else 0.0
    return Spectrum(values, shape, dtype, "svd", 0.0, True, norm)


def leading_part(values, known):
    """The first ``known`` values, slightly too small as a randomized method gives them."""
    values = np.asarray(values, dtype=np.float64)
    low = values[:known] * (1.0 - 1e-3)
    norm = float(np.sqrt(np.sum(values**2)))
    residual = float(np.sqrt(norm**2 - np.sum(low**2)))
    upper = np.sqrt(low**2 + residual**2)
    bound = float(np.max(upper - low))
    shape = (values.size, values.size)
    return Spectrum(low, shape, "float64", "randomized", bound, False, norm, residual, upper)
