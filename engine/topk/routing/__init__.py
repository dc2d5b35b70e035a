"""Which tokens change their experts when the scores are rounded."""
