"""Texts of what happened: history rows of letters and audit entries of persons."""
