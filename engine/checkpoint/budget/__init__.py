"""One budget for a whole model: which rank each matrix gets, and how far from the best that is."""

from engine.checkpoint.budget.planner import Budget, Budgets, allocate

__all__ = ["Budget", "Budgets", "allocate"]
