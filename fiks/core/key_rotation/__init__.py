"""Key rotation: re-encryption under the newest master key, and certificates about to expire."""
