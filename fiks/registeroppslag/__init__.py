"""Look-ups in Folkeregisteret, Enhetsregisteret and Kontakt- og reservasjonsregisteret."""
