"""Soft Top-k operators: definitions, derivatives, laws and equal-softness comparison."""

from __future__ import annotations

from engine.topk.operator import Operator
from engine.topk.registry import OPERATORS, get_operator

__all__ = ["OPERATORS", "Operator", "get_operator"]
