"""Both ends of a spectrum as they are shown: tail and smallest values."""
