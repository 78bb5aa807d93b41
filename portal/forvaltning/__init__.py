"""Overview and administration for staff; so far read-only."""
