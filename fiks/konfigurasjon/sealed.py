"""Columns of konfigurasjon that are encrypted under a master key, for re-encryption when it rotates."""

from fiks.core.sealed import Sealed, SealedColumn
from fiks.konfigurasjon.models import Innlogging, Person, Sesjon
from fiks.konfigurasjon.parties import PARTIES_AAD
from fiks.konfigurasjon.sessions import FNR_AAD, ID_TOKEN_AAD, LOGIN_AAD

SEALED: tuple[Sealed, ...] = (
    SealedColumn(Person.fnr_kryptert, FNR_AAD),
    SealedColumn(Sesjon.id_token_kryptert, ID_TOKEN_AAD),
    SealedColumn(Sesjon.parter_kryptert, PARTIES_AAD),
    SealedColumn(Innlogging.data_kryptert, LOGIN_AAD),
)
