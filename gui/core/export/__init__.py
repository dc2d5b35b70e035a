"""Figures as files: PNG, SVG, PDF, CSV, NPZ; no Qt."""
