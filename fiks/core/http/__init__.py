"""HTTP to outside systems: the client, deadlines, and metadata of token issuers."""
