"""Background work on uploaded files: unzip and check."""
