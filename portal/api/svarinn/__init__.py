"""SvarInn for mottakersystemer: REST v1 and v2 by their own password, and configuration for integrasjoner."""
