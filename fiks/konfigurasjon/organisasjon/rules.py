"""Rules about organisations: the data they are created with and keep, and the steps of the first-time set-up
(konfigurasjon.md 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fiks.konfigurasjon.field_rules import (
    MOST_ADDRESSES,
    Feltfeil,
    email_fault,
    faults_by_field,
    line_fault,
    missing_fault,
    municipality_fault,
    orgnr_fault,
    phone_fault,
    postcode_fault,
    short_name_fault,
    site_fault,
)
from fiks.konfigurasjon.rules import Organisasjonstype


@dataclass(frozen=True, slots=True)
class NyOrganisasjon:
    """What the root plane says about an organisation it creates."""

    navn: str
    orgnr: str
    kommunenr: str = ""
    type: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. A kommune must have a number, because its tax notices identify the
        property by it.
        """
        return faults_by_field(
            [
                ("navn", missing_fault(self.navn) or short_name_fault(self.navn)),
                ("orgnr", missing_fault(self.orgnr) or orgnr_fault(self.orgnr)),
                ("kommunenr", municipality_fault(self.kommunenr) if self.kommunenr else self._number_due()),
            ]
        )

    def _number_due(self) -> Feltfeil | None:
        return Feltfeil.KOMMUNENR_MANGLER if self.type == Organisasjonstype.KOMMUNE else None


@dataclass(frozen=True, slots=True)
class Kontakt:
    """The organisation's address and the e-mail addresses the platform writes to. `epost` is printed on its
    letters.
    """

    adresselinje1: str
    postnr: str
    poststed: str
    epost: str
    varsel_epost: tuple[str, ...]

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return faults_by_field(
            [
                ("adresselinje1", missing_fault(self.adresselinje1) or line_fault(self.adresselinje1)),
                ("postnr", missing_fault(self.postnr) or postcode_fault(self.postnr)),
                ("poststed", missing_fault(self.poststed) or line_fault(self.poststed)),
                ("epost", missing_fault(self.epost) or email_fault(self.epost)),
                ("varsel_epost", None if self.varsel_epost else Feltfeil.FELT_MANGLER),
                *(("varsel_epost", email_fault(address)) for address in self.varsel_epost),
                (
                    "varsel_epost",
                    Feltfeil.EPOST_FOR_MANGE if len(self.varsel_epost) > MOST_ADDRESSES else None,
                ),
            ]
        )


@dataclass(frozen=True, slots=True)
class Innbyggerkontakt:
    """How citizens reach the organisation. Printed in letters, except the e-mail address, which fagsystemer
    may read.
    """

    innbygger_epost: str
    telefon: str = ""
    nettsted: str = ""
    apningstid: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return faults_by_field(
            [
                ("innbygger_epost", missing_fault(self.innbygger_epost) or email_fault(self.innbygger_epost)),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
                ("nettsted", site_fault(self.nettsted) if self.nettsted else None),
                ("apningstid", line_fault(self.apningstid)),
            ]
        )


@dataclass(frozen=True, slots=True)
class Fakturaopplysninger:
    """Where and how the organisation is invoiced. `endepunkt_id` is its address in ELMA, an orgnr."""

    orgnr: str
    navn: str
    adresselinje1: str
    postnummer: str
    poststed: str
    juridisk_navn: str = ""
    referanse: str = ""
    epost: str = ""
    telefon: str = ""
    adresselinje2: str = ""
    kundenummer: str = ""
    endepunkt_id: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code."""
        return faults_by_field(
            [
                ("orgnr", missing_fault(self.orgnr) or orgnr_fault(self.orgnr)),
                ("navn", missing_fault(self.navn) or short_name_fault(self.navn)),
                ("juridisk_navn", line_fault(self.juridisk_navn)),
                ("referanse", line_fault(self.referanse, 100)),
                ("epost", email_fault(self.epost) if self.epost else None),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
                ("adresselinje1", missing_fault(self.adresselinje1) or line_fault(self.adresselinje1)),
                ("adresselinje2", line_fault(self.adresselinje2)),
                ("postnummer", missing_fault(self.postnummer) or postcode_fault(self.postnummer)),
                ("poststed", missing_fault(self.poststed) or line_fault(self.poststed)),
                ("kundenummer", line_fault(self.kundenummer, 50)),
                ("endepunkt_id", orgnr_fault(self.endepunkt_id) if self.endepunkt_id else None),
            ]
        )


class Oppsettstrinn(StrEnum):
    """The steps of the first-time set-up, in order; the last one confirms the others."""

    KONTAKT = "kontakt"
    FAKTURA = "faktura"
    INNBYGGERE = "innbyggere"
    AVTALEADMINISTRATOR = "avtaleadministrator"
    BEKREFT = "bekreft"


@dataclass(frozen=True, slots=True)
class Oppsett:
    """Progress of an organisation's set-up: steps that have their data, and whether it is finished."""

    gjort: frozenset[Oppsettstrinn]
    konfigurert: bool

    @property
    def neste(self) -> Oppsettstrinn:
        """Return the first step without its data; the confirmation when all have it."""
        return next((step for step in Oppsettstrinn if step not in self.gjort), Oppsettstrinn.BEKREFT)

    def may_open(self, step: Oppsettstrinn) -> bool:
        """Return whether the step can be opened: done, or next in turn. None can be skipped, all can be
        revisited.
        """
        return step in self.gjort or step is self.neste
