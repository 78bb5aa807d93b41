"""Texts of organisations, kontoer, grants, groups and integrasjoner."""
