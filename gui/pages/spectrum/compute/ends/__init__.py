"""Both ends of a spectrum: its tail of large values, and its smallest values."""
