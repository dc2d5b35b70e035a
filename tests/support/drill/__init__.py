"""Drills: faults one by one, kills at random moments, long use; see `assets/testing.md`."""
