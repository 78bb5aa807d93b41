"""SvarUt REST v1, v2 and v3."""
