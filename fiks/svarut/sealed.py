"""What SvarUt keeps sealed under a master key."""

from fiks.core.crypto import DATA_KEY_AAD
from fiks.core.sealed import Sealed, SealedColumn
from fiks.svarut.letters import CONTENT_AAD, MOTTAKER_AAD
from fiks.svarut.models import Dokument, Forsendelse

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Forsendelse.mottaker_kryptert, MOTTAKER_AAD),
    SealedColumn(Forsendelse.innhold_kryptert, CONTENT_AAD),
    SealedColumn(Dokument.nokkel, DATA_KEY_AAD),
)
