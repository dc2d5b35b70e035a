"""Singular values, all of them or the leading ones with a certificate."""
