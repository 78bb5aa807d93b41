"""What a letter is made from besides its row: the template's text, the sender and the dates of the
mailing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from fiks.core.machine import AnnenUtgave

NB = "nb"
NN = "nn"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was re-encoded by `logo.prepare_logo` or vetted by `logo.vet_svg`."""

    data: bytes
    mediatype: str

    @property
    def digest(self) -> str:
        """First 32 hex digits of the SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Avsender:
    """The kommune as it stands on its letterhead; `orgnr` is its own public number. Empty strings are left
    out."""

    navn: str
    orgnr: str
    kommunenr: str
    adresselinjer: tuple[str, ...]
    postnr: str
    poststed: str
    epost: str = ""
    telefon: str = ""
    apningstid: str = ""
    nett: str = ""
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Brevmal:
    """One template version. `kilde_nn` None: rows with malform nn get the bokmål text.

    `hurtig`: its letters may be stamped (ADR 0025).
    """

    kilde_nb: str
    kilde_nn: str | None = None
    tittel_nb: str = ""
    tittel_nn: str | None = None
    hurtig: bool = False

    def source(self, malform: str) -> tuple[str, str]:
        """Return (malform really used, source text)."""
        if malform == NN and self.kilde_nn:
            return NN, self.kilde_nn
        return NB, self.kilde_nb

    def title(self, malform: str) -> str:
        """Return the inbox title's source in the malform really used."""
        if malform == NN and self.tittel_nn:
            return self.tittel_nn
        return self.tittel_nb


@dataclass(frozen=True, slots=True)
class Brevkontekst:
    """What is the same in every letter of a mailing. `sendt` is the date that stands on the letter."""

    avsender: Avsender
    tittel: str
    sendt: date
    kunngjort: date | None = None


@dataclass(frozen=True, slots=True)
class Trykk:
    """A finished letter: its PDF and how many pages. `stemplet`: with a plan; `ny`: a plan was made for it.

    `avvik`: it was laid out, and its lines are not those it would have been stamped with. `hode`: how the PDF begins,
    as do all letters of its plan; nothing where it was laid out by itself. `resten`: what comes after.
    """

    resten: bytes
    sider: int
    stemplet: bool
    ny: bool = False
    avvik: bool = False
    hode: bytes = b""

    @property
    def pdf(self) -> bytes:
        """The whole file."""
        return self.hode + self.resten


def context_to_wire(kontekst: Brevkontekst) -> dict[str, Any]:
    """Return plain values (str, list, bytes, None) that can cross a pipe."""
    a = kontekst.avsender
    names = ("navn", "orgnr", "kommunenr", "postnr", "poststed", "epost", "telefon", "apningstid", "nett")
    avsender: dict[str, Any] = {name: getattr(a, name) for name in names}
    avsender["adresselinjer"] = list(a.adresselinjer)
    avsender["logo"] = [a.logo.data, a.logo.mediatype] if a.logo else None
    return {
        "avsender": avsender,
        "tittel": kontekst.tittel,
        "sendt": kontekst.sendt.isoformat(),
        "kunngjort": kontekst.kunngjort.isoformat() if kontekst.kunngjort else None,
    }


def context_from_wire(wire: dict[str, Any]) -> Brevkontekst:
    """Rebuild what `context_to_wire` made. AnnenUtgave of what this release's never makes."""
    with _of_this_release():
        a = dict(wire["avsender"])
        a["adresselinjer"] = tuple(a["adresselinjer"])
        a["logo"] = Logo(*a["logo"]) if a["logo"] else None
        kunngjort = wire["kunngjort"]
        return Brevkontekst(
            avsender=Avsender(**a),
            tittel=wire["tittel"],
            sendt=date.fromisoformat(wire["sendt"]),
            kunngjort=date.fromisoformat(kunngjort) if kunngjort else None,
        )


def template_to_wire(mal: Brevmal) -> list[str | bool | None]:
    """Return the four texts in order nb source, nn source, nb title, nn title, and whether letters may be stamped."""
    return [mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn, mal.hurtig]


def template_from_wire(wire: list[Any]) -> Brevmal:
    """Rebuild what `template_to_wire` made. AnnenUtgave of what this release's never makes."""
    with _of_this_release():
        return Brevmal(*wire)


@contextmanager
def _of_this_release() -> Iterator[None]:
    """What is said has the fields it has in this code whatever the letter is, so a field too few or too many is none of
    the letter's."""
    try:
        yield
    except (TypeError, LookupError) as error:
        raise AnnenUtgave from error
