"""A submission: one letter as a fagsystem describes it, by any interface (svarut.md 1.2-1.7), with its length
limits.

Plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fiks.core.values.address import Adresse
from fiks.svarut.rules import Opphav
from fiks.svarut.sealed_content import Lenke, is_pdf

ADDRESS_ALWAYS = frozenset({Opphav.V1, Opphav.SOAP, Opphav.V2})
"""The interfaces that require an address unless the letter is digital only; in v3 it is optional."""


class Signatur(StrEnum):
    """The kind of signature."""

    AUTENTISERT = "AUTENTISERT_SIGNATUR"
    AVANSERT = "AVANSERT_SIGNATUR"


@dataclass(frozen=True, slots=True)
class Signering:
    """The requested signing: deadline and kind of signature. Both or none."""

    utloper: datetime | None
    type: Signatur | None


@dataclass(frozen=True, slots=True, repr=False)
class Ekstrametadata:
    """One key and value of a document's extra metadata."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Svaradresse:
    """The reply address; printed as sender on the cover sheet. `digital_id` is an fnr or orgnr, or empty."""

    adresse: Adresse
    digital_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Dokumentfakta:
    """The sender's facts about one document, in the letter's order. `giroark`: pages from 1."""

    filnavn: str
    mime_type: str
    skal_signeres: bool = False
    ekskluderes: bool = False
    giroark: tuple[int, ...] = ()
    dokument_type: str = ""
    sensitiv: bool = False
    ekstra: tuple[Ekstrametadata, ...] = ()

    @property
    def is_pdf(self) -> bool:
        """Whether its declared type is PDF; only PDFs can be printed."""
        return is_pdf(self.mime_type)


@dataclass(frozen=True, slots=True, repr=False)
class Innsending:
    """A submitted letter. `digital_id` is an fnr or orgnr; empty means straight to paper. `adresse` None:
    never on paper.

    `strengt_digital` is v1's KUN_DIGITAL_UTEN_LEVERANSEGARANTI, which refuses a person who is reserved or
    unknown. `noark_fra` and `noark_til` are the Noark facts in v2's spelling. No repr: full of personal data.
    """

    opphav: Opphav
    tittel: str
    navn: str
    dokumenter: tuple[Dokumentfakta, ...]
    digital_id: str = ""
    adresse: Adresse | None = None
    eksponert_for: tuple[str, ...] = ()
    avgivende_system: str = ""
    avgivende_aktor: str = ""
    konteringskode: str = ""
    ekstern_referanse: str = ""
    korrelasjonsid: str = ""
    forsendelsestype: str = ""
    kun_digital: bool = False
    strengt_digital: bool = False
    kryptert: bool = False
    taushetsbelagt: bool = False
    tosidig: bool = False
    farger: bool = False
    niva4: bool = False
    svar_sendes_til: Svaradresse | None = None
    svar_pa: UUID | None = None
    kan_svares: bool = False
    lenker: tuple[Lenke, ...] = ()
    signering: Signering | None = None
    noark_fra: Mapping[str, object] = field(default_factory=dict)
    noark_til: Mapping[str, object] = field(default_factory=dict)

    @property
    def can_be_printed(self) -> bool:
        """Whether the letter may ever go on paper."""
        return not self.kun_digital and not self.strengt_digital and self.adresse is not None


@dataclass(frozen=True, slots=True)
class Grenser:
    """Limits in characters. `tekst`: a link's text and lead text, a dokumentType, an avgivendeSystemAktor.

    For extra metadata: their number (`antall`), and the length of a name and of a value.
    """

    tekst: int
    antall: int
    navn: int
    verdi: int


V3 = Grenser(tekst=100, antall=20, navn=100, verdi=500)
ELDRE = Grenser(tekst=1_000, antall=1_000, navn=1_000, verdi=10_000)


def limits_of(opphav: Opphav) -> Grenser:
    """The limits of the interface the letter came by; the house's own letters keep v3's."""
    return ELDRE if opphav in (Opphav.V1, Opphav.V2, Opphav.SOAP) else V3
