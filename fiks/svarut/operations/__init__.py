"""For operations: crash recovery, the restored backup, manual decisions, alarms and the invariants against
outside logs.
"""
