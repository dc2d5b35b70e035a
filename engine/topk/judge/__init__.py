"""Operators judged on given scores: laws, claims of the article, equal softness."""
