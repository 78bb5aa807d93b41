"""Encryption: key ring, data keys and blind index at rest, and CMS messages to and from others."""
