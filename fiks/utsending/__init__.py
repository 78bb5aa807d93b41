"""Manuell utsending: mass mailings of a kommune, from draft to report."""
