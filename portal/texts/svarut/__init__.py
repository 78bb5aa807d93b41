"""Texts of letters: the sender's log, a letter's history, and what is wrong with a letter sent in."""
