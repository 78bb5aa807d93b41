"""Pure rules for one row of a recipient list."""
