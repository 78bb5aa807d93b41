"""The encrypted columns of eDialog."""

from fiks.core.crypto.encryption import DATA_KEY_AAD
from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.edialog.content import CONTENT_AAD
from fiks.edialog.models import EdialogFil, EdialogSkjema

SEALED: tuple[Sealed, ...] = (
    SealedColumn(EdialogSkjema.innhold_kryptert, CONTENT_AAD),
    SealedColumn(EdialogFil.nokkel, DATA_KEY_AAD),
)
