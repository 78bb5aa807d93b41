"""The rows of a mailing's list: how they are stored, read for pages and masked."""
