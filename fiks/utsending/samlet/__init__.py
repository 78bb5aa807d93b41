"""One big PDF with every letter: cut into letters, and read by areas of their pages."""
