"""Axes of a plot: their numbers, and which range they show."""
