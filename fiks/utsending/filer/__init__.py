"""Finished PDFs of a mailing, one or more for each row: taken in, checked, named by the list, shown (ADR 0020)."""
