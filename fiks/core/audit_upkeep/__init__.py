"""Upkeep of the audit log: deletion by age, and verification of its hash chain."""
