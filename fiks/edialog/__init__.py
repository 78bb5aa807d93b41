"""eDialog: a citizen, or a person for an organisation, writes to a kommune and gets a receipt (svarut.md
8.3).

Until it is sent, the text is a `skjema`; then it is a letter of SvarUt like any other, from the citizen.
"""
