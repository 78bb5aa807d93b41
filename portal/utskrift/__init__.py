"""«Utskriftskø»: letters that the sender prints and posts itself."""

from portal.utskrift.routes import blueprint

__all__ = ["blueprint"]
