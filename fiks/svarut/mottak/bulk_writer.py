"""Bulk writer: takes in a portion of finished letters of a mailing in one transaction.

Rows, history and leveringer together, so that every existing letter is in somebody's queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import ring, transaction
from fiks.core.telemetry import trace
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.svarut.history import Event, begin_histories
from fiks.svarut.letters import Dokumentref, Mottaker, seal_mottaker
from fiks.svarut.models import Dokument, Forsendelse, Levering
from fiks.svarut.rules import Bane, Leveringsstatus, Mottakertype, Status
from fiks.svarut.sealed_content import number_index, reference_index
from fiks.svarut.transitions import levering_reference

FIRST_EVENT_CODES = ("MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET", "FORSENDELSESFIL_GENERERT")


@dataclass(frozen=True, slots=True, repr=False)
class NyForsendelse:
    """One letter to take in. `radnr` is its row in the mailing; `mottakertype` INGEN means no digital id.

    `id`: given when it follows from the letter's source, else random.
    """

    konto_id: UUID
    organisasjon_id: UUID
    tittel: str
    mottakertype: Mottakertype
    mottaker: Mottaker
    dokumenter: tuple[Dokumentref, ...]
    utsending_id: UUID | None = None
    radnr: int | None = None
    ekstern_referanse: str | None = None
    korrelasjonsid: str | None = None
    kun_digital: bool = False
    sikkerhetsniva: str = Sikkerhetsniva.BETYDELIG
    tosidig: bool = False
    farger: bool = False
    konteringskode: str | None = None
    prove: bool = False
    id: UUID | None = None


def accept_letters(letters: Sequence[NyForsendelse], *, bane: Bane, actor: Aktor) -> list[UUID]:
    """Take in a portion of at most 1 000 letters as AKSEPTERT, each with an open levering; return their ids
    in order.

    Actors other than the house need SVARUT.SENDE on the kontoer, which must be active.
    """
    if not actor.is_house:
        for konto_id in {letter.konto_id for letter in letters}:
            konfigurasjon.require(actor, P.SENDE, konto_id)
            require_sending(konto_id)
    with transaction() as tx:
        at = clock.now()
        ids = [letter.id or uuid4() for letter in letters]
        pairs = list(zip(ids, letters, strict=True))
        tx.execute(insert(Forsendelse), [_letter_row(i, n, at) for i, n in pairs])
        tx.execute(insert(Dokument), [_document_row(i, d) for i, n in pairs for d in n.dokumenter])
        hand_overs = [
            {
                "id": levering_reference(i, 1),
                "forsendelse_id": i,
                "utsending_id": n.utsending_id,
                "bane": bane,
            }
            for i, n in pairs
        ]
        tx.execute(insert(Levering), hand_overs)
        begin_histories(
            [
                event
                for i, h in zip(ids, hand_overs, strict=True)
                for event in _first_events(i, h["id"], actor)
            ]
        )
        ring(bane)
    return ids


def _letter_row(letter_id: UUID, new: NyForsendelse, at: object) -> dict[str, object]:
    number, theirs = new.mottaker.digital_id, new.ekstern_referanse
    return {
        "id": letter_id,
        "konto_id": new.konto_id,
        "organisasjon_id": new.organisasjon_id,
        "utsending_id": new.utsending_id,
        "radnr": new.radnr,
        "ekstern_referanse": theirs,
        "ekstern_indeks": reference_index(theirs) if theirs else None,
        "korrelasjonsid": new.korrelasjonsid,
        "tittel": new.tittel,
        "mottakertype": new.mottakertype,
        "mottaker_kryptert": seal_mottaker(new.mottaker),
        "mottaker_indeks": number_index(number) if number else None,
        "status": Status.AKSEPTERT,
        "status_endret": at,
        "siste_lopenr": len(FIRST_EVENT_CODES) + 2,
        "kun_digital": new.kun_digital,
        "sikkerhetsniva": new.sikkerhetsniva,
        "tosidig": new.tosidig,
        "farger": new.farger,
        "konteringskode": new.konteringskode,
        "prove": new.prove,
        "opprettet": at,
    }


def _document_row(letter_id: UUID, d: Dokumentref) -> dict[str, object]:
    return {
        "forsendelse_id": letter_id,
        "nr": d.nr,
        "filnavn": d.filnavn,
        "mime_type": d.mime_type,
        "storrelse": d.storrelse,
        "sha256": d.sha256,
        "objekt": d.objekt,
        "fra": d.fra,
        "lengde": d.lengde,
        "nokkel": d.nokkel,
        "sider": d.sider,
        "giroark": list(d.giroark),
    }


def _first_events(letter_id: UUID, levering_id: object, actor: Aktor) -> list[Event]:
    assert isinstance(levering_id, UUID)
    origin = trace.history_details(actor.request_id)
    events = [Event(letter_id, "FORSENDELSE", "MOTTATT", actor.ref, til=Status.MOTTATT, detaljer=origin)]
    events += [Event(letter_id, "MERKNAD", kode, actor.ref) for kode in FIRST_EVENT_CODES[1:]]
    events.append(
        Event(letter_id, "FORSENDELSE", "AKSEPTERT", actor.ref, fra=Status.MOTTATT, til=Status.AKSEPTERT)
    )
    events.append(
        Event(letter_id, "LEVERING", "KLAR", actor.ref, til=Leveringsstatus.KLAR, levering_id=levering_id)
    )
    return events
