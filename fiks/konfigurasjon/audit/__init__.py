"""Reading the audit log: an organisation's search, signs of misuse, and a person's own innsynslogg."""
