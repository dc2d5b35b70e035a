"""The Checkpoint page: every matrix of a model in one map and one table."""
