"""The template language: parsing, fields, values and the HTML of one letter."""
