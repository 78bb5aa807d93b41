"""The legal bases (hjemler) of a look-up, as options of a drop-down."""

from __future__ import annotations

from uuid import UUID

from fiks.konfigurasjon import queries
from fiks.konfigurasjon.rules import Organisasjonstype
from fiks.registeroppslag.hjemler import hjemler_for
from fiks.registeroppslag.rules import Registernavn
from portal.texts.oppslag import FORMAAL


def hjemmelvalg(organisasjon_id: UUID, *registre: Registernavn) -> list[tuple[str, str]]:
    """Options (code, purpose and law) of the hjemler by which the organisation may look up in one of the
    registers; the first option is «Velg hjemmel».
    """
    kind = Organisasjonstype(queries.organisasjon(organisasjon_id).type)
    found = hjemler_for(kind, *registre)
    return [("", "Velg hjemmel"), *((one.kode, f"{FORMAAL[one.kode]}: {one.navn}") for one in found)]
