"""What every change of a draft shares: reopen it, reset what was made of it, refuse a stale form."""
