"""A person's acts on a letter that waits for a mottakersystem, in place of the system (svarut.md 5.3).

Each act checks again that the letter still waits there and that the person may act; `spor` asks Altinn. The
row lock on the letter serialises the act and the system's own answer, so that exactly one counts. `vist`: the
mark of the wait that the person's page showed (`stale_form`), None without a page; VenterAnnetSted (409) when
it waits otherwise now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.person.representation import Spor
from fiks.konfigurasjon.rules import P
from fiks.svarinn.models import Mottakersystem
from fiks.svarut import svarinn_handover
from fiks.svarut.history import remark
from fiks.svarut.letters import Dokumentref, load_documents, load_letters, stream_checked
from fiks.svarut.lifecycle.fallback import continue_after_refusal
from fiks.svarut.models import Forsendelse, SvarinnMottak
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.svarinn import acknowledgement
from fiks.svarut.svarinn.access import Postrett, record_act
from fiks.svarut.svarinn.encrypted_zip import zip_stream
from fiks.svarut.svarinn.manual_access import (
    note_of,
    other_systems,
    possible_assignees,
    recheck_access,
    require_access,
)
from fiks.svarut.svarinn.stale_form import (
    assignee_fields,
    require_current_note,
    require_current_wait,
    wait_mark,
)

LONGEST_NOTE, LONGEST_UNIT = 2_000, 100


@dataclass(frozen=True, slots=True, repr=False)
class Klarfil:
    """A decrypted file as a stream; reading it raises when the stored bytes are not those that were sent."""

    filnavn: str
    mime_type: str
    innhold: Iterator[bytes]


def receive(forsendelse_id: UUID, *, vist: str | None = None, spor: Spor, actor: Aktor) -> None:
    """Take the letter: LEST, with the person in the event. Errors: those of `require_access`."""
    system = require_access(forsendelse_id, spor=spor, actor=actor).system
    acknowledgement.confirm(forsendelse_id, system_id=system.id, vist=vist, actor=actor)


def require_received(forsendelse_id: UUID, *, actor: Aktor) -> None:
    """Require that the letter was received by hand or by its system, where the actor receives; else
    IkkeFunnet.

    IkkeTilgang when the actor may not receive there any more. Nothing else is revealed, so Altinn's right to
    the letter is not needed.
    """
    received = (
        select(Mottakersystem.id)
        .join(SvarinnMottak, SvarinnMottak.mottakersystem_id == Mottakersystem.id)
        .join(Forsendelse, Forsendelse.id == SvarinnMottak.forsendelse_id)
        .where(
            Forsendelse.id == forsendelse_id,
            Forsendelse.status == Status.LEST,
            SvarinnMottak.avvist.is_(None),
            Mottakersystem.organisasjon_id == actor.organisasjon_id,
        )
    )
    system_id = session().execute(received).scalar_one_or_none()
    if system_id is None:
        raise IkkeFunnet("FINNES_IKKE")
    konfigurasjon.require(actor, P.MOTTA, system_id)


def reject(
    forsendelse_id: UUID,
    *,
    feilmelding: str,
    permanent: bool,
    vist: str | None = None,
    spor: Spor,
    actor: Aktor,
) -> None:
    """Report why the letter cannot be taken. `permanent`: it continues to its next channel.

    Errors: also those of `acknowledgement.report_failure`.
    """
    system = require_access(forsendelse_id, spor=spor, actor=actor).system
    acknowledgement.report_failure(
        forsendelse_id,
        feilmelding=feilmelding,
        permanent=permanent,
        system_id=system.id,
        vist=vist,
        actor=actor,
    )


def send_back(forsendelse_id: UUID, *, vist: str | None = None, spor: Spor, actor: Aktor) -> None:
    """Send the letter back to its ordinary delivery: its next channel by rule, as if there were no
    mottakersystem.
    """
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        system_id = _held(forsendelse_id, vist, rett, actor).mottakersystem_id
        remark(forsendelse_id, "SENDT_TILBAKE_MANUELT", aktor=actor.ref)
        record_act(actor, "BREV_SENDT_VIDERE", forsendelse_id, system_id, kanal="neste")
        svarinn_handover.close_wait([forsendelse_id], avvist=clock.now_sql())
        brev = load_letters([forsendelse_id])[forsendelse_id]
        continue_after_refusal(brev, Kanal.SVARINN, "SENDT_TILBAKE_MANUELT")


def forward(
    forsendelse_id: UUID, til_system_id: UUID, *, vist: str | None = None, spor: Spor, actor: Aktor
) -> str:
    """Forward the letter to another open mottakersystem of the organisation, where its wait begins anew.

    Returns that system's name. UgyldigInndata("VALG_MANGLER") for any other system.
    """
    inngang = require_access(forsendelse_id, spor=spor, actor=actor)
    require_current_wait(vist, inngang.vist)
    others = other_systems(forsendelse_id, spor=spor, actor=actor)
    navn = next((one.navn for one in others if one.id == til_system_id), None)
    if navn is None:
        raise UgyldigInndata("VALG_MANGLER", felt="til")
    with transaction():
        mottak = _held(forsendelse_id, vist, inngang.rett, actor)
        record_act(
            actor, "BREV_SENDT_VIDERE", forsendelse_id, mottak.mottakersystem_id, til=str(til_system_id)
        )
        mottak.mottakersystem_id, mottak.klar = til_system_id, clock.now()
        mottak.advarsel = mottak.hentet_forste = mottak.hentet_siste = None
        mottak.tildelt_person_id = mottak.tildelt_enhet = None
        remark(forsendelse_id, "NYTT_MOTTAKERSYSTEM", aktor=actor.ref)
    return navn


def assign(
    forsendelse_id: UUID,
    *,
    til_person: UUID | None,
    til_enhet: str,
    vist: str | None = None,
    notert: str | None = None,
    spor: Spor,
    actor: Aktor,
) -> None:
    """Assign the letter to a person who may receive it, to a unit by its name, or to nobody.

    `notert`: the mark of the assignee that the person's page showed (`stale_form`), None without a page.
    Errors: VALG_MANGLER for any other person, LINJE_UGYLDIG for a name that is too long or contains a number
    (422), OPPLYSNINGER_ENDRET (409: another person has assigned it since).
    """
    enhet = " ".join(til_enhet.split())
    if len(enhet) > LONGEST_UNIT or mask_numbers(enhet) != enhet:
        raise UgyldigInndata("LINJE_UGYLDIG", felt="enhet")
    inngang = require_access(forsendelse_id, spor=spor, actor=actor)
    require_current_wait(vist, inngang.vist)
    if til_person is not None and til_person not in dict(
        possible_assignees(forsendelse_id, spor=spor, actor=actor)
    ):
        raise UgyldigInndata("VALG_MANGLER", felt="person")
    with transaction():
        mottak = _held(forsendelse_id, vist, inngang.rett, actor)
        stands = assignee_fields(mottak.tildelt_person_id, mottak.tildelt_enhet)
        require_current_note(notert, stands, assignee_fields(til_person, enhet))
        mottak.tildelt_person_id, mottak.tildelt_enhet = til_person, None if til_person else enhet or None
        record_act(
            actor, "BREV_TILDELT", forsendelse_id, mottak.mottakersystem_id, person=str(til_person or "")
        )


def write_note(
    forsendelse_id: UUID,
    notat: str,
    *,
    vist: str | None = None,
    notert: str | None = None,
    spor: Spor,
    actor: Aktor,
) -> None:
    """Store this note on the letter, encrypted; an empty note removes it.

    `notert`: the mark of the note that the person's page showed (`stale_form`), None without a page. Errors:
    NOTAT_FOR_LANGT (422), OPPLYSNINGER_ENDRET (409: another person has written since).
    """
    text = notat.strip()
    if len(text) > LONGEST_NOTE:
        raise UgyldigInndata("NOTAT_FOR_LANGT", felt="notat", grense=LONGEST_NOTE)
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        mottak = _held(forsendelse_id, vist, rett, actor)
        require_current_note(notert, {"notat": note_of(mottak)}, {"notat": text})
        sealed = current().keys.seal(text.encode(), svarinn_handover.NOTE_AAD) if text else None
        mottak.notat_kryptert = sealed
        record_act(actor, "BREV_NOTERT", forsendelse_id, mottak.mottakersystem_id)


def one_file(forsendelse_id: UUID, nr: int, *, spor: Spor, actor: Aktor) -> Klarfil:
    """One file of the letter in clear; audited. Errors: those of `require_access`."""
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        system = recheck_access(forsendelse_id, rett, actor=actor).system
        document = letter_file(forsendelse_id, nr)
        record_act(actor, "BREVFIL_LASTET_NED", forsendelse_id, system.id, nr=nr)
    session().rollback()
    return Klarfil(document.filnavn, document.mime_type, stream_checked(document))


def all_files(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> Klarfil:
    """All files of the letter as one clear ZIP, made while streaming; audited. Errors: those of
    `require_access`.
    """
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        system = recheck_access(forsendelse_id, rett, actor=actor).system
        documents = _files(forsendelse_id)
        record_act(actor, "BREVFIL_LASTET_NED", forsendelse_id, system.id, antall=len(documents))
    session().rollback()
    entries = ((one.filnavn, one.storrelse, stream_checked(one)) for one in documents)
    return Klarfil(svarinn_handover.zip_name(forsendelse_id), "application/zip", zip_stream(entries))


def one_file_head(forsendelse_id: UUID, nr: int, *, spor: Spor, actor: Aktor) -> Klarfil:
    """As `one_file` without its content (HTTP HEAD), and therefore not audited."""
    require_access(forsendelse_id, spor=spor, actor=actor)
    document = letter_file(forsendelse_id, nr)
    return Klarfil(document.filnavn, document.mime_type, iter(()))


def all_files_head(forsendelse_id: UUID, *, spor: Spor, actor: Aktor) -> Klarfil:
    """As `all_files` without content (HTTP HEAD), and therefore not audited."""
    require_access(forsendelse_id, spor=spor, actor=actor)
    return Klarfil(svarinn_handover.zip_name(forsendelse_id), "application/zip", iter(()))


def letter_file(forsendelse_id: UUID, nr: int) -> Dokumentref:
    """One file of the letter, for a person already authorised; IkkeFunnet when no file has this number."""
    document = next((d for d in _files(forsendelse_id) if d.nr == nr), None)
    if document is None:
        raise IkkeFunnet("FINNES_IKKE")
    return document


def numbered_files(forsendelse_id: UUID) -> list[int]:
    """The numbers of the letter's files, in the order of `one_waiting`."""
    return [one.nr for one in _files(forsendelse_id)]


def _files(forsendelse_id: UUID) -> tuple[Dokumentref, ...]:
    return svarinn_handover.files_for_mottakersystem(load_documents(forsendelse_id))


def _held(forsendelse_id: UUID, vist: str | None, rett: Postrett, actor: Aktor) -> SvarinnMottak:
    """The letter's queue row, the letter locked until the transaction ends. Errors: `require_access`,
    VenterAnnetSted.
    """
    letter = select(Forsendelse.id).where(Forsendelse.id == forsendelse_id).with_for_update()
    session().execute(letter)
    recheck_access(forsendelse_id, rett, actor=actor)
    mottak = session().get_one(SvarinnMottak, forsendelse_id, populate_existing=True)
    require_current_wait(vist, wait_mark(mottak))
    return mottak
