"""Fast PDFs: a template is laid out once, then each letter's values are stamped in."""
