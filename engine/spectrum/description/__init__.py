"""What describes a spectrum: descriptors, tails, the law of noise, the 2 x 2 picture."""
