"""The rules, one file a family; none knows another."""
