"""Deleting letters' content, and the one PDF that stays when the originals are deleted."""
