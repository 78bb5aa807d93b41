"""Who may enter: the table of every route's demands, the door that enforces it, and the logins of machines."""
