"""SvarInn: mottakersystemer, what each receives for which organisation, and their credentials."""
