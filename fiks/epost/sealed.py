"""The encrypted columns of the e-mail room."""

from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.epost.models import Epost
from fiks.epost.service import ADDRESS_AAD

SEALED: tuple[Sealed, ...] = (SealedColumn(Epost.til_kryptert, ADDRESS_AAD),)
