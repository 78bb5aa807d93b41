"""An organisation's own data as pairs to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from fiks.core.environment import current
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.konto.rules import (
    Angrefristoppsett,
)
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.organisasjon.queries import agreement_administrator, invoice_of
from fiks.konfigurasjon.organisasjon.rules import Oppsettstrinn
from portal.texts.formats import antall
from portal.texts.frame import NOT_GIVEN

Pairs = list[tuple[str, str]]
Part = TypeVar("Part")


def parts(organisasjon_id: UUID) -> dict[Oppsettstrinn, Pairs]:
    """Each part of the data in the order of the set-up. Personal numbers are masked."""
    org = queries.organisasjon(organisasjon_id)
    found = {
        Oppsettstrinn.KONTAKT: _kontakt(org),
        Oppsettstrinn.FAKTURA: _faktura(organisasjon_id),
        Oppsettstrinn.INNBYGGERE: [
            ("E-post", org.innbygger_epost),
            ("Telefon", org.telefon),
            ("Nettsted", org.nettsted),
            ("Åpningstid", org.apningstid),
        ],
        Oppsettstrinn.AVTALEADMINISTRATOR: _avtaleadministrator(organisasjon_id),
    }
    return mark_empty(found)


def mark_empty(found: Mapping[Part, Sequence[tuple[str, str | None]]]) -> dict[Part, Pairs]:
    """The pairs with «Ikke oppgitt» for empty values."""
    return {part: [(name, value or NOT_GIVEN) for name, value in pairs] for part, pairs in found.items()}


def _kontakt(org: Organisasjon) -> list[tuple[str, str | None]]:
    return [
        ("Adresse", _address(org.adresselinje1, None, org.postnr, org.poststed)),
        ("E-post i brev", org.epost),
        ("E-post for beskjeder", ", ".join(org.varsel_epost)),
    ]


def _faktura(organisasjon_id: UUID) -> list[tuple[str, str | None]]:
    row = invoice_of(organisasjon_id)
    if row is None:
        return [("Fakturaopplysninger", None)]
    return [
        ("Organisasjonsnummer", row.orgnr),
        ("Navn på fakturaen", row.navn),
        ("Juridisk navn", row.juridisk_navn),
        ("Adresse", _address(row.adresselinje1, row.adresselinje2, row.postnummer, row.poststed)),
        ("Referanse", row.referanse),
        ("E-post", row.epost),
        ("Telefon", row.telefon),
        ("Kundenummer", row.kundenummer),
        ("Adresse i ELMA", row.endepunkt_id),
    ]


def _avtaleadministrator(organisasjon_id: UUID) -> list[tuple[str, str | None]]:
    named = agreement_administrator(organisasjon_id)
    if named is None:
        return [("Avtaleadministrator", None)]
    return [
        ("Navn", named.navn),
        ("Fødselsnummer", named.fnr_maskert),
        ("Tittel", named.tittel),
        ("E-post", named.epost),
        ("Telefon", named.telefon),
    ]


def _address(first: str | None, second: str | None, postcode: str | None, place: str | None) -> str:
    end = " ".join(part for part in (postcode, place) if part)
    return ", ".join(part for part in (first, second, end) if part)


def angrefrist_text(own: Angrefristoppsett) -> str:
    """The angrefrist in words."""
    minutes = int(own.minutter) if own.minutter else current().angrefrist_minutter
    return antall(minutes, "minutt", "minutter") + ("" if own.minutter else ", som for alle")
