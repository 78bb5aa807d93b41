"""The whole control of a list: row rules, registers, duplicates."""
