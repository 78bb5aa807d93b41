"""The door for machines: fagsystemer that call with a Maskinporten token and the password of their integrasjon."""
