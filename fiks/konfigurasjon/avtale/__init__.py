"""Agreements and their signatures, and taking a service into use."""
