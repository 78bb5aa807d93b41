"""Letters on paper after they are ordered: stop, renewed address check and manual print."""
