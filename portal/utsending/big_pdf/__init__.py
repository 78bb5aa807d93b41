"""One big PDF with every letter in it: upload, set-up, and the letters it is cut into."""
