"""The sender's log, letter page, status queries and statistics, and what a sender may do."""
