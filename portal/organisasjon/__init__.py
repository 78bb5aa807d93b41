"""An organisation's own pages: first-time set-up, data, services and agreements, kontoer.

Importing the package registers every route on `blueprint`.
"""

from portal.organisasjon import (
    data,
    edialog,
    edialog_skjemaer,
    forside,
    kontoer,
    logo,
    password,
    prices,
    services,
    setup,
    signing,
    sms_kontoer,
)
from portal.organisasjon.blueprint import blueprint

__all__ = [
    "blueprint",
    "data",
    "edialog",
    "edialog_skjemaer",
    "forside",
    "kontoer",
    "logo",
    "password",
    "prices",
    "services",
    "setup",
    "signing",
    "sms_kontoer",
]
