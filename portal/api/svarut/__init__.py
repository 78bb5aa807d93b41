"""SvarUt for fagsystemer: REST v3, v2 and v1, and SOAP. Each parses its own format into the same Innsending."""
