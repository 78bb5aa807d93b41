"""Logging in and out with ID-porten, confirming who one is, and choosing the organisation to act for."""
