"""The root plane: what operators of the platform see, and the names and numbers they correct."""
