"""Grants (tilganger): giving and ending them, the pages that show them, files of them, and colleagues who leave."""
