"""Pages of the receiver; so far the letter itself."""
