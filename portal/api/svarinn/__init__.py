"""SvarInn for mottakersystemer: REST v1 and v2 by their own password, and their set-up for integrasjoner."""
