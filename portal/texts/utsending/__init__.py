"""Texts of mass mailings: lists, files, letters and prices."""
