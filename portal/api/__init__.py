"""Interfaces for machines: fagsystemer with a Maskinporten token and their integrasjon's password, or Basic
login.
"""
