"""Fiks-print for machines."""

from portal.api.print.ordre import blueprint

__all__ = ["blueprint"]
