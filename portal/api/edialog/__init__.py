"""eDialog for machines: who can be written to is configured, and organisation numbers are looked up."""
