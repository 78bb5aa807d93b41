"""Drift: what operations must see and may do. It reads every room's rows and lies above them all (ADR 0024).

Nothing here knows the content of a letter or whose it is.
"""
