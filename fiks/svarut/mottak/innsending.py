"""One letter as a fagsystem describes it, whichever interface it came by (svarut.md 1.2-1.7). Plain data, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fiks.core.address import Adresse
from fiks.svarut.content import Lenke, is_pdf
from fiks.svarut.rules import Opphav

ADDRESS_ALWAYS = frozenset({Opphav.V1, Opphav.SOAP, Opphav.V2})
"""The interfaces that demand an address unless the letter is only digital; v3 lets it be left out."""


class Signatur(StrEnum):
    AUTENTISERT = "AUTENTISERT_SIGNATUR"
    AVANSERT = "AVANSERT_SIGNATUR"


@dataclass(frozen=True, slots=True)
class Signering:
    """What is asked of the receiver who shall sign: until when, and by which kind of signature. Both or none."""

    utloper: datetime | None
    type: Signatur | None


@dataclass(frozen=True, slots=True, repr=False)
class Ekstrametadata:
    key: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Svaradresse:
    """Where answers go; stands as sender on the cover sheet. `digital_id` is an fnr or orgnr, or empty."""

    adresse: Adresse
    digital_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Dokumentfakta:
    """What the sender says of one document, in the order of the letter. `giroark`: pages from 1."""

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
        """Whether it is said to be a PDF, which alone can be printed."""
        return is_pdf(self.mime_type)


@dataclass(frozen=True, slots=True, repr=False)
class Innsending:
    """A letter to be. `digital_id` is an fnr or orgnr; empty means straight to paper. `adresse` None: never on paper.

    `strengt_digital` is v1's KUN_DIGITAL_UTEN_LEVERANSEGARANTI, which refuses a person who is reserved or unknown.
    `noark_fra` and `noark_til` are the Noark facts in v2's spelling. No repr: it is full of personal data.
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
        """Whether some way may lead this letter to paper."""
        return not self.kun_digital and not self.strengt_digital and self.adresse is not None
