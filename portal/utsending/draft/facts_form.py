"""The form of step 1: its fields as text to show again and as values to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from uuid import UUID

from fiks.core.values.login_level import Sikkerhetsniva
from fiks.utsending.draft.service import Fakta
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.rules import Art
from portal.texts import tekst
from portal.texts.formats import dato
from portal.ui.form_values import field_text, read_date

LEVERING = ("DIGITALT_FORST", "BARE_DIGITALT")


@dataclass(slots=True)
class Faktaskjema:
    """Step 1 as it stands on the page."""

    konto: str = ""
    tittel: str = ""
    art: str = Art.FLETTEBREV
    brevdato: str = ""
    kunngjoringsdato: str = ""
    levering: str = LEVERING[0]
    sikkerhetsniva: str = Sikkerhetsniva.BETYDELIG
    tosidig: bool = True
    farger: bool = False
    konteringskode: str = ""
    feil: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Faktaskjema:
        """The form as posted."""
        text = partial(field_text, form)

        return cls(
            konto=text("konto"),
            tittel=text("tittel"),
            art=text("art"),
            brevdato=text("brevdato"),
            kunngjoringsdato=text("kunngjoringsdato"),
            levering=text("levering"),
            sikkerhetsniva=text("sikkerhetsniva"),
            tosidig="tosidig" in form,
            farger="farger" in form,
            konteringskode=text("konteringskode"),
        )

    @classmethod
    def from_draft(cls, u: Detalj) -> Faktaskjema:
        """The form with the saved facts."""
        return cls(
            konto=str(u.konto_id),
            tittel=u.tittel,
            art=u.art,
            brevdato=dato(u.brevdato),
            kunngjoringsdato=dato(u.kunngjoringsdato) if u.kunngjoringsdato else "",
            levering=LEVERING[u.kun_digital],
            sikkerhetsniva=u.sikkerhetsniva,
            tosidig=u.tosidig,
            farger=u.farger,
            konteringskode=u.konteringskode or "",
        )

    def facts(self, first: date) -> Fakta | None:
        """The facts, or None with `feil` filled in, in the page's order. `first`: the earliest day letters
        can leave.
        """
        sent, announced = read_date(self.brevdato), read_date(self.kunngjoringsdato)
        self._check("tittel", bool(self.tittel), "TITTEL_UGYLDIG")
        self._check("art", self.art in set(Art), "VALG_UGYLDIG")
        self._check("brevdato", sent is not None, "DATO_FORM")
        self._check("brevdato", sent is None or sent >= first, "BREVDATO_FOR_TIDLIG", tidligst=first)
        self._check("kunngjoringsdato", not self.kunngjoringsdato or announced is not None, "DATO_FORM")
        self._check("levering", self.levering in LEVERING, "VALG_UGYLDIG")
        if self.feil or sent is None:
            return None
        return Fakta(
            tittel=self.tittel,
            art=Art(self.art),
            brevdato=sent,
            kunngjoringsdato=announced,
            kun_digital=self.levering == LEVERING[1],
            sikkerhetsniva=self.sikkerhetsniva,
            tosidig=self.tosidig,
            farger=self.farger,
            konteringskode=self.konteringskode or None,
        )

    def konto_id(self, allowed: frozenset[UUID]) -> UUID | None:
        """The chosen konto if it is one of `allowed`, else None with `feil` filled in."""
        found = next((konto for konto in allowed if str(konto) == self.konto), None)
        self._check("konto", found is not None, "KONTO_MANGLER")
        return found

    def _check(self, felt: str, holds: bool, kode: str, **params: object) -> None:
        if not holds:
            self.feil.setdefault(felt, tekst(kode, **params))
