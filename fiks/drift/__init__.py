"""Drift: what operations must see and may do. It reads every room's rows and stands above them all (ADR 0024).

Nothing here knows what is in a letter or whose it is.
"""
