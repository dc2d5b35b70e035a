"""Checkpoints: what the tensors of a model are for, by their names."""

from engine.checkpoint.attention import (
    AttentionLayer,
    HeadsUnknown,
    attention_layers,
    head_blocks,
    read_config,
)
from engine.checkpoint.roles import ROLES, Role, role_of

__all__ = [
    "ROLES",
    "AttentionLayer",
    "HeadsUnknown",
    "Role",
    "attention_layers",
    "head_blocks",
    "read_config",
    "role_of",
]
