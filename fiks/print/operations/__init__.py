"""Print for operators: alarms, nightly reconciliation, recovery after a restored backup, manual decisions."""
