"""Plain values and their rules: identifiers, money, addresses, working days, login levels."""
