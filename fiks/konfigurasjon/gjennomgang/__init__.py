"""The half-yearly review, in which administrators keep or remove every grant."""
