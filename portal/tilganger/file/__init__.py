"""Many grants at once from a file, and all grants as a file."""
