"""An organisation's own pages: first-time set-up, data, services and agreements, kontoer.

Importing the package registers every route on `blueprint`.
"""

from portal.organisasjon import agreement_signing, logo, own_data, prices, services, setup
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.konto import (
    cover_sheet,
    edialog,
    edialog_forms,
    pages,
    service_password,
    sms_kontoer,
)

__all__ = [
    "blueprint",
    "own_data",
    "edialog",
    "edialog_forms",
    "cover_sheet",
    "pages",
    "logo",
    "service_password",
    "prices",
    "services",
    "setup",
    "agreement_signing",
    "sms_kontoer",
]
