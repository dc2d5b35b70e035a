"""Picking pairs by their norms, with numpy alone."""

from __future__ import annotations

import numpy as np


def largest(x, y, r):
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    return np.argsort(-norms, kind="stable")[:r]


def error_of(x, y, kept):
    return np.linalg.norm(x @ y - x[:, kept] @ y[kept]) / np.linalg.norm(x @ y)
