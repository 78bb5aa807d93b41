"""Columns of konfigurasjon that are encrypted under a master key, for re-encryption when it rotates."""

from fiks.core.key_rotation.encrypted_columns import Sealed, SealedColumn
from fiks.konfigurasjon.models import Innlogging, Person, Sesjon
from fiks.konfigurasjon.person.representation import PARTIES_AAD
from fiks.konfigurasjon.person.service import FNR_AAD
from fiks.konfigurasjon.person.sessions import ID_TOKEN_AAD, LOGIN_AAD

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Person.fnr_kryptert, FNR_AAD),
    SealedColumn(Sesjon.id_token_kryptert, ID_TOKEN_AAD),
    SealedColumn(Sesjon.parter_kryptert, PARTIES_AAD),
    SealedColumn(Innlogging.data_kryptert, LOGIN_AAD),
)
