"""Making the letters of a controlled mailing: ranges are drawn, checked, hashed and stored."""
