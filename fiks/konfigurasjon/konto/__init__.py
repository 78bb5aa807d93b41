"""SvarUt kontoer: created, set up, guarded against fraud, and the password a fagsystem logs in with."""
