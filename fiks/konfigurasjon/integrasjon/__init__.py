"""Integrasjoner: the machines that call, their passwords, their grants and their login."""
