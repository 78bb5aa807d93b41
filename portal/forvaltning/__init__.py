"""Overview page of staff, statistics, the audit log, and logging a colleague out."""
