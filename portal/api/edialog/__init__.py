"""eDialog for machines: configuration of mottakere, and skjemaer of a logged-in citizen."""
