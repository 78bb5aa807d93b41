"""Texts of eDialog: the citizen's in bokmål and nynorsk, and the refusals."""
