"""The letters of a mailing: what each is made from, its documents, its preview, test letters."""
