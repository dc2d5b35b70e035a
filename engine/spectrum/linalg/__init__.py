"""Linear algebra under the spectra: checks, norms, LAPACK, products, Krylov spaces."""
