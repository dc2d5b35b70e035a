"""What is said: languages, sentences, numbers, shipped resources; no Qt."""
