"""The form of step 1: its fields as text to show again and as values to use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from uuid import UUID

from fiks.core.login_level import Sikkerhetsniva
from fiks.utsending.detail_queries import Detalj
from fiks.utsending.drafts import Fakta
from fiks.utsending.rules import Art
from portal.formats import dato
from portal.texts import tekst

YEARS = range(1900, 3000)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEVERING = ("DIGITALT_FORST", "BARE_DIGITALT")


def written(form: Mapping[str, str], name: str) -> str:
    """The text of a form field, stripped."""
    return form.get(name, "").strip()


def read_digest(text: str) -> bytes:
    """A SHA-256 from a form as bytes; empty, which matches nothing, for invalid text."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def read_ids(text: str) -> frozenset[UUID]:
    """UUIDs from a form, separated by spaces; other words are ignored."""
    return frozenset(UUID(word) for word in text.split() if ID.fullmatch(word))


def read_date(text: str) -> date | None:
    """dd.mm.åååå (or d.m.åååå) as a date; None for other text or a year outside 1900-2999."""
    parts = text.strip().split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts) or len(parts[2]) != 4:
        return None
    try:
        found = date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None
    return found if found.year in YEARS else None


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
        text = partial(written, form)

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
