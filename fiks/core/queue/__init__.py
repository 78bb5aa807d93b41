"""Rows as work queue: owner locks, planned jobs, retries, unknown outcomes, feed markers."""
