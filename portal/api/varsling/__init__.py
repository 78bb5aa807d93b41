"""Varsling for machines: SMS."""
