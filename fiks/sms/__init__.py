"""SMS: one text to one or many, each sent at most once (svarut.md 8.2)."""
