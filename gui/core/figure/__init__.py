"""Plots as plain data: figures, colours, pictures, axes; no Qt."""
