"""Background work on a big PDF: first look, cutting, reading rows."""
