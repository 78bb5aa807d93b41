"""Pages of one konto: settings, service password, cover sheet, eDialog, SMS."""
