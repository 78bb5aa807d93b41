"""The citizen's texts on Min side, in bokmål and nynorsk."""
