"""What the Top-k page draws, lists and says; no Qt."""
