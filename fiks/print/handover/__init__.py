"""From order to print house: packing, hand-over by SFTP, its outcome, and the receipts that come back."""
