"""Recipient lists: reading and control. Needs neither database nor web."""
