"""Finished PDFs, one or more for each row: upload, list and look at them."""
