"""What solves GradTopK: coins tilted to k heads, conditioned by a Fourier sum."""
