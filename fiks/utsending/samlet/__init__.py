"""Én stor PDF: every letter in one file, cut into letters and read by areas of their pages."""
