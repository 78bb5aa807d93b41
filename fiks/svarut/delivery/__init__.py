"""Handing letters over to their channels: claim, look up the receiver, call, record."""
