"""What the machines' interfaces are, told to people and to tools: the OpenAPI document and two pages, from the code."""

from portal.api.dokumentasjon.routes import blueprint

__all__ = ["blueprint"]
