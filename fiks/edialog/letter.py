"""Translates a skjema into a letter, as a fagsystem would have submitted it, and into the message that is
drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fiks.core.environment import current
from fiks.core.storage.store import Lagret
from fiks.core.values.address import Adresse
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import is_fnr, mask_numbers
from fiks.edialog import queries, rules
from fiks.edialog.content import Innhold, Mottaker, unseal
from fiks.edialog.rules import MESSAGE_FILE, Avsender, Tur
from fiks.svarut.mottak import Dokumentfakta, Innsending, Svaradresse, address_faults
from fiks.svarut.rules import Opphav

AVGIVENDE_SYSTEM, FORSENDELSESTYPE = "EDIALOG", "ks.edialog"


@dataclass(frozen=True, slots=True, repr=False)
class Melding:
    """The message drawn as the first document. `spraak` is nb or nn; `sendt` in Oslo time. No repr: it is
    personal.
    """

    tittel: str
    avsnitt: tuple[str, ...]
    avsender: Avsender
    orgnr: str
    mottaker: Adresse
    spraak: str
    sendt: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Vedlegg:
    """An attachment of the skjema, and where it is stored."""

    filnavn: str
    lagret: Lagret


@dataclass(frozen=True, slots=True, repr=False)
class Krav:
    """A claimed skjema, the attempt number, and what to send: to a mottaker, or as a reply.

    The claiming process may lack the key of the content, so the content is decrypted only when asked for.
    """

    skjema_id: UUID
    tur: Tur
    konto_id: UUID
    mottaker_id: UUID | None
    sensitivt: bool
    svar_pa_id: UUID | None
    spraak: str
    innhold_kryptert: bytes
    filer: tuple[Vedlegg, ...]
    request_id: str | None

    @property
    def innhold(self) -> Innhold:
        """Return the content in clear. Raises NokkelUkjent, VerdiOdelagt."""
        return unseal(self.innhold_kryptert)


def letter_of(krav: Krav) -> Innsending:
    """Return the letter, as a fagsystem would have submitted it.

    An address that post cannot reach only keeps the letter from paper; it is sent all the same.
    """
    content = krav.innhold
    sender, to = content.utkast.avsender, content.mottaker
    reachable = not any(address_faults(to.adresse, Opphav.EDIALOG))
    return Innsending(
        opphav=Opphav.EDIALOG,
        tittel=content.utkast.tittel,
        navn=to.adresse.navn,
        digital_id=to.orgnr,
        adresse=to.adresse if reachable else None,
        dokumenter=tuple(
            Dokumentfakta(name, "application/pdf", sensitiv=krav.sensitivt)
            for name in (MESSAGE_FILE, *(fil.filnavn for fil in krav.filer))
        ),
        eksponert_for=(content.nummer,),
        avgivende_system=AVGIVENDE_SYSTEM,
        forsendelsestype=FORSENDELSESTYPE,
        niva4=krav.sensitivt,
        taushetsbelagt=queries.answers_confidential(krav.svar_pa_id),
        svar_sendes_til=Svaradresse(sender.adresse, content.nummer),
        svar_pa=krav.svar_pa_id,
    )


def message_of(krav: Krav) -> Melding:
    """Return the message that becomes the first document."""
    written, number = krav.innhold.utkast, krav.innhold.nummer
    return Melding(
        written.tittel,
        tuple(rules.paragraphs(written.melding)),
        written.avsender,
        "" if is_fnr(number, current().synthetic_persons) else number,
        krav.innhold.mottaker.adresse,
        krav.spraak,
        krav.tur.innsendt.astimezone(OSLO),
    )


def shown_name(mottaker: Mottaker) -> str:
    """Return the receiver's name in a form fit for e-mail: one line, no personal number."""
    kept = "".join(sign for sign in mask_numbers(mottaker.adresse.navn) if sign.isprintable())
    return kept.strip()[:200] or mottaker.orgnr
