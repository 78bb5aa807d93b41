"""SvarUt for fagsystemer: REST v3, v2 and v1, and SOAP. Each reads its own words and makes the same Innsending."""
