"""One client for each digital channel: digital mailboxes (DPI) and Altinn."""
