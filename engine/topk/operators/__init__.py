"""The operators, one file a family: the record, and what solves it; none knows another."""
