"""What the pages of a big PDF say: set-up, letter boundaries, receivers, numbers."""
