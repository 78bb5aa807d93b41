"""Min side: the citizen's pages, on their own behalf or for an organisation they represent."""
