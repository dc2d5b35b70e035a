"""The records that a page is made of: parameters, steps, plots, commands; no Qt."""
