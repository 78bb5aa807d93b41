"""What a mailing is expected to cost on paper, and the organisation's price list."""
