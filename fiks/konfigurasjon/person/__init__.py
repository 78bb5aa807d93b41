"""Persons: who they are, their login sessions, and the organisations they act for as citizens."""
