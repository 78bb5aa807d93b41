"""Table of the encrypted columns of Manuell utsending, for rotation of the master key."""

from fiks.core.crypto.encryption import DATA_KEY_AAD
from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn, SealedJson
from fiks.utsending.file_models import Brevfil
from fiks.utsending.letters.documents import NAME_AAD
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad
from fiks.utsending.rows.storage import FINDINGS_AAD
from fiks.utsending.sealed_values import ROW_AAD

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Utsendingsrad.data_kryptert, ROW_AAD),
    SealedColumn(Utsendingsrad.reparasjon_kryptert, FINDINGS_AAD),
    SealedColumn(Utsendingsrad.nokkel, DATA_KEY_AAD),
    SealedColumn(Opplasting.nokkel, DATA_KEY_AAD),
    SealedJson(Opplasting.form, "bilder"),
    SealedColumn(Brevfil.navn_kryptert, NAME_AAD),
    SealedColumn(Brevfil.nokkel, DATA_KEY_AAD),
    SealedJson(Brevfil.form, "bilder"),
    SealedJson(Arbeidsdel.resultat),
)
