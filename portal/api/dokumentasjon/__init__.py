"""Documentation of the machine interfaces, generated from the code: the OpenAPI document and two pages."""

from portal.api.dokumentasjon.routes import blueprint

__all__ = ["blueprint"]
