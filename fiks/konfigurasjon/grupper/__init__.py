"""Groups: persons of one organisation who hold the same grants."""
