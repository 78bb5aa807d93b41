"""Columns of print that are encrypted under a master key, for re-encryption when it rotates."""

from fiks.core.crypto.encryption import DATA_KEY_AAD
from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.print.models import Ordre

SEALED: tuple[Sealed, ...] = (SealedColumn(Ordre.nokkel, DATA_KEY_AAD),)
