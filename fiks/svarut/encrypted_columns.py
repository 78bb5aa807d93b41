"""The columns of SvarUt that are encrypted under a master key."""

from fiks.core.crypto.encryption import DATA_KEY_AAD
from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.svarut.letters import MOTTAKER_AAD
from fiks.svarut.models import Dokument, Forsendelse, SvarinnFeil, SvarinnMottak
from fiks.svarut.sealed_content import CONTENT_AAD
from fiks.svarut.svarinn_handover import NOTE_AAD, REPORT_AAD

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Forsendelse.mottaker_kryptert, MOTTAKER_AAD),
    SealedColumn(Forsendelse.innhold_kryptert, CONTENT_AAD),
    SealedColumn(Dokument.nokkel, DATA_KEY_AAD),
    SealedColumn(SvarinnFeil.feilmelding_kryptert, REPORT_AAD),
    SealedColumn(SvarinnMottak.notat_kryptert, NOTE_AAD),
)
