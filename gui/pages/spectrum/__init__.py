"""The Spectrum page: singular values of a matrix, what a rank keeps, and how to choose it."""
