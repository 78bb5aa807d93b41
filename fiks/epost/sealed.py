"""What the e-mail room keeps sealed under a master key."""

from fiks.core.sealed import Sealed, SealedColumn
from fiks.epost.models import Epost
from fiks.epost.service import ADDRESS_AAD

SEALED: tuple[Sealed, ...] = (SealedColumn(Epost.til_kryptert, ADDRESS_AAD),)
