"""What a letter is made from besides its row: the template, the sender and the mailing's dates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from fiks.core.processes.machine_faults import AnnenUtgave

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
    """The kommune on its letterhead; `orgnr` is its public number. Empty strings are left out."""

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
        """Return (malform used, source text)."""
        if malform == NN and self.kilde_nn:
            return NN, self.kilde_nn
        return NB, self.kilde_nb

    def title(self, malform: str) -> str:
        """Return the source of the inbox title in the malform used."""
        if malform == NN and self.tittel_nn:
            return self.tittel_nn
        return self.tittel_nb


@dataclass(frozen=True, slots=True)
class Brevkontekst:
    """Values shared by all letters of a mailing. `sendt`: the date printed on the letter."""

    avsender: Avsender
    tittel: str
    sendt: date
    kunngjort: date | None = None


@dataclass(frozen=True, slots=True)
class Trykk:
    """A finished letter: its PDF and number of pages.

    `stemplet`: stamped with a plan. `ny`: a new plan was made for it. `avvik`: laid out by WeasyPrint, and
    its line breaks differ from those stamping would have given. `hode`: the first bytes of the PDF, shared by
    all letters of the plan; empty for a letter that was laid out on its own. `resten`: the bytes after
    `hode`.
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
    """Return the context as plain values (str, list, bytes, None) for a pipe."""
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
    """Rebuild the output of `context_to_wire`. Raises AnnenUtgave if another release made it."""
    with _wrong_shape_is_other_release():
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
    """Return [nb source, nn source, nb title, nn title, may be stamped]."""
    return [mal.kilde_nb, mal.kilde_nn, mal.tittel_nb, mal.tittel_nn, mal.hurtig]


def template_from_wire(wire: list[Any]) -> Brevmal:
    """Rebuild the output of `template_to_wire`. Raises AnnenUtgave if another release made it."""
    with _wrong_shape_is_other_release():
        return Brevmal(*wire)


@contextmanager
def _wrong_shape_is_other_release() -> Iterator[None]:
    """Raise AnnenUtgave when a wire value has missing or extra fields.

    The fields depend only on the code, never on the letter, so a mismatch means another release wrote the
    value.
    """
    try:
        yield
    except (TypeError, LookupError) as error:
        raise AnnenUtgave from error
