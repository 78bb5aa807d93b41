"""Signing orders: registration, the signing service's feed and the signed copies."""
