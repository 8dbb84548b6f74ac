"""Articles that are about the same as an article."""
