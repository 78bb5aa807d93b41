"""Checks on data from outside before it is stored or opened: values, file type, size."""
