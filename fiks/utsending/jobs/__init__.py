"""Background work on a mailing: the queue of work pieces, its claims, back-off and locks."""
