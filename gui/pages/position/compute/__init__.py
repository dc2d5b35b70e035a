"""What the Position page has computed for it; the engine is imported when a step runs."""
