"""One budget for a whole model: which rank each matrix gets, and how far from the best that is."""

from engine.checkpoint.budget.planner import Budget, Budgets, allocate
from engine.checkpoint.budget.saving import FactorsReport, SavedFactors, save_budget

__all__ = ["Budget", "Budgets", "FactorsReport", "SavedFactors", "allocate", "save_budget"]
