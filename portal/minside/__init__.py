"""Min side: the pages of the citizen, on own behalf or for an organisation."""
