"""What the Checkpoint page computes."""
