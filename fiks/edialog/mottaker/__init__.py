"""Set-up of mottakere and their forms, by whoever configures eDialog for a konto."""
