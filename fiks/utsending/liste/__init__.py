"""Reading and controlling recipient lists; pure of database and web."""
