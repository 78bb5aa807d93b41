"""Fiks-konfigurasjon: organisations, the ressurs tree, privileges, persons and their sessions."""
