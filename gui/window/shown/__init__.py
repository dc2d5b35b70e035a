"""Arrays that running programs show: how they come into the window, and what it answers."""
