"""Checkpoints: the matrices of a model, what each is for, and what all of them are like."""

from engine.checkpoint.angles import intruder_dimensions, principal_angles
from engine.checkpoint.attention import (
    AttentionLayer,
    HeadsUnknown,
    attention_layers,
    head_blocks,
    read_config,
)
from engine.checkpoint.budget import (
    Budget,
    Budgets,
    FactorsReport,
    SavedFactors,
    allocate,
    save_budget,
)
from engine.checkpoint.changes.adapters import adapter_factors
from engine.checkpoint.changes.compare import change_columns, changes_of, compare
from engine.checkpoint.changes.lora import LoraModule, LoraReport, extract_lora
from engine.checkpoint.changes.matching import Pair, match
from engine.checkpoint.changes.pairs import Change
from engine.checkpoint.folders import training_of
from engine.checkpoint.fused import split_fused
from engine.checkpoint.listing import Checkpoint, Matrix, Skipped, open_checkpoint
from engine.checkpoint.requests import DEFAULT_RULES, MatrixRequest, Row, rule_labels, rules_of
from engine.checkpoint.roles import ROLES, Role, role_of
from engine.checkpoint.sweeping.cache import usual_cache
from engine.checkpoint.sweeping.rows import estimate, run
from engine.checkpoint.sweeping.steps import Steps, steps_in, sweep_steps
from engine.checkpoint.sweeping.sweep import Sweep, sweep
from engine.checkpoint.sweeping.watching import Look, WholeStep, look_at
from engine.checkpoint.whitening import whitened_svd

__all__ = [
    "DEFAULT_RULES",
    "ROLES",
    "AttentionLayer",
    "Budget",
    "Budgets",
    "Change",
    "Checkpoint",
    "FactorsReport",
    "HeadsUnknown",
    "Look",
    "LoraModule",
    "LoraReport",
    "Matrix",
    "MatrixRequest",
    "Pair",
    "Role",
    "Row",
    "SavedFactors",
    "Skipped",
    "Steps",
    "Sweep",
    "WholeStep",
    "adapter_factors",
    "allocate",
    "attention_layers",
    "change_columns",
    "changes_of",
    "compare",
    "estimate",
    "extract_lora",
    "head_blocks",
    "intruder_dimensions",
    "look_at",
    "match",
    "open_checkpoint",
    "principal_angles",
    "read_config",
    "role_of",
    "rule_labels",
    "rules_of",
    "run",
    "save_budget",
    "split_fused",
    "steps_in",
    "sweep",
    "sweep_steps",
    "training_of",
    "usual_cache",
    "whitened_svd",
]
