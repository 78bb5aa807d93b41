"""Machine faults of child processes: no processor time, no memory, no files."""
