"""Articles and definitions as files: found, read, taken apart, edited."""
