"""An organisation's own pages: first-time set-up, data, services and agreements, kontoer.

Importing the package registers every route on `blueprint`.
"""

from portal.organisasjon import (
    data,
    edialogside,
    edialogskjemaer,
    forsideside,
    kontopages,
    logo,
    passordside,
    services,
    setup,
    signing,
    smskontoer,
)
from portal.organisasjon.blueprint import blueprint

__all__ = [
    "blueprint",
    "data",
    "edialogside",
    "edialogskjemaer",
    "forsideside",
    "kontopages",
    "logo",
    "passordside",
    "services",
    "setup",
    "signing",
    "smskontoer",
]
