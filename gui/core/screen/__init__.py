"""A page on the screen, made from its declarations."""
