"""The encrypted columns of SMS."""

from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.sms.models import Sms, Smsutsendelse
from fiks.sms.service import TEXT_AAD, TO_AAD

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Smsutsendelse.tekst_kryptert, TEXT_AAD),
    SealedColumn(Sms.til_kryptert, TO_AAD),
)
