"""The notes that are shipped, and those of a person."""
