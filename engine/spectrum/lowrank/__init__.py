"""Approximations of low rank: truncation, factors, least squares, chosen columns."""
