"""An organisation's own pages: first-time set-up, data, services and agreements, kontoer.

Importing the package registers every route on `blueprint`.
"""

from portal.organisasjon import data, forsideside, kontopages, logo, passordside, services, setup, signing
from portal.organisasjon.blueprint import blueprint

__all__ = [
    "blueprint",
    "data",
    "forsideside",
    "kontopages",
    "logo",
    "passordside",
    "services",
    "setup",
    "signing",
]
