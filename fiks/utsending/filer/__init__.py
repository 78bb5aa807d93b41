"""Finished PDFs of a mailing, one or more per row: upload, check, link to the list, view (ADR 0020)."""
