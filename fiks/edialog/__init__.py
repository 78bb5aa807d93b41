"""eDialog: a citizen, or somebody for an organisation, writes to a kommune and gets a receipt (svarut.md 8.3).

What is written is a `skjema` until it is sent; then it is a letter of SvarUt's like any other, from the citizen.
"""
