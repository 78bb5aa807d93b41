"""A letter as each interface describes it: models that read the JSON and make an Innsending."""
