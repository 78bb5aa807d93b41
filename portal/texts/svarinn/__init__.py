"""Texts of mottakersystemer and of manual reception."""
