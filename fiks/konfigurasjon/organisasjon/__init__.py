"""Organisations: created by the root plane, set up and kept up to date by themselves."""
