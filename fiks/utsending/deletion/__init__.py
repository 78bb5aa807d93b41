"""Deleting mailings and their content: discarded drafts, and the cleanup after the retention time."""
