"""Letter templates of an organisation and of the house."""
