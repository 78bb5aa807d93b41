"""SvarUt SOAP, ForsendelsesServiceV9: the message, its operations and the answers."""
