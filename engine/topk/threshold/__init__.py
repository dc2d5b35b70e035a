"""The threshold family: distribution functions, the solver for lam, kernels for long rows."""
