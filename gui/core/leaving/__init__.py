"""What the one conductor replaces."""
