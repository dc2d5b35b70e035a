"""A figure drawn on paper: artists, axes, panels and where each stands."""
