"""Use cases of SvarUt: take letters in, let a receiver read, stop what can still be stopped.

Taking in is one transaction for a whole portion: rows, history and hand-overs together, so a letter that exists has
somebody responsible for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from fiks.core import audit, clock, crypto
from fiks.core.actor import Aktor
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.svarut import receipts
from fiks.svarut.letters import Dokumentref, Mottaker, load_letters, seal_mottaker
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering
from fiks.svarut.rules import UNREAD_ALTINN, Bane, Leveringsstatus, Mottakertype, Status
from fiks.svarut.transitions import Event, event_row, move_forsendelse, move_levering, stop_open_levering

RECEIVED = ("MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET", "FORSENDELSESFIL_GENERERT")
READABLE = (
    Status.AKSEPTERT,
    Status.KLAR_FOR_MOTTAK,
    Status.SENDT_SDP,
    Status.LEVERT_SDP,
    Status.SENDT_ALTINN,
    Status.LEVERT_ALTINN,
    Status.SENDT_DIGITALT,
    Status.SENDT_PRINT,
    Status.PRINTET,
)


@dataclass(frozen=True, slots=True, repr=False)
class NyForsendelse:
    """One letter to take in. `radnr` is the row of its mailing; `mottakertype` INGEN means no digital id."""

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
    sikkerhetsniva: str = "BETYDELIG"
    tosidig: bool = False
    farger: bool = False
    konteringskode: str | None = None
    prove: bool = False


def accept_letters(letters: Sequence[NyForsendelse], *, bane: Bane, actor: Aktor) -> list[UUID]:
    """Take a portion of letters in as AKSEPTERT, each with its open levering; return their ids in order.

    Shapes: at most 1 000 letters. The caller has checked the right to send; only the house takes in for a mailing.
    """
    if not actor.is_house:
        for konto_id in {letter.konto_id for letter in letters}:
            konfigurasjon.require(actor, P.SENDE, konto_id)
            require_sending(konto_id)
    with transaction() as tx:
        at = clock.now()
        ids = [uuid4() for _ in letters]
        pairs = list(zip(ids, letters, strict=True))
        tx.execute(insert(Forsendelse), [_letter_row(i, n, at) for i, n in pairs])
        tx.execute(insert(Dokument), [_document_row(i, d) for i, n in pairs for d in n.dokumenter])
        hand_overs = [
            {"id": uuid4(), "forsendelse_id": i, "utsending_id": n.utsending_id, "bane": bane}
            for i, n in pairs
        ]
        tx.execute(insert(Levering), hand_overs)
        tx.execute(
            insert(Hendelse).values(tid=clock.expression()),
            [row for i, h in zip(ids, hand_overs, strict=True) for row in _first_events(i, h["id"], actor)],
        )
        ring(bane)
    return ids


def _letter_row(letter_id: UUID, new: NyForsendelse, at: object) -> dict[str, object]:
    number = new.mottaker.digital_id
    return {
        "id": letter_id,
        "konto_id": new.konto_id,
        "organisasjon_id": new.organisasjon_id,
        "utsending_id": new.utsending_id,
        "radnr": new.radnr,
        "ekstern_referanse": new.ekstern_referanse,
        "korrelasjonsid": new.korrelasjonsid,
        "tittel": new.tittel,
        "mottakertype": new.mottakertype,
        "mottaker_kryptert": seal_mottaker(new.mottaker),
        "mottaker_indeks": crypto.blind_index(current().index_key, "mottaker", number) if number else None,
        "status": Status.AKSEPTERT,
        "status_endret": at,
        "siste_lopenr": len(RECEIVED) + 2,
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


def _first_events(letter_id: UUID, levering_id: object, actor: Aktor) -> list[dict[str, object]]:
    assert isinstance(levering_id, UUID)
    events = [Event(letter_id, "FORSENDELSE", "MOTTATT", actor.ref, til=Status.MOTTATT)]
    events += [Event(letter_id, "MERKNAD", kode, actor.ref) for kode in RECEIVED[1:]]
    events.append(
        Event(letter_id, "FORSENDELSE", "AKSEPTERT", actor.ref, fra=Status.MOTTATT, til=Status.AKSEPTERT)
    )
    events.append(
        Event(letter_id, "LEVERING", "KLAR", actor.ref, til=Leveringsstatus.KLAR, levering_id=levering_id)
    )
    return [event_row(event, n) for n, event in enumerate(events, 1)]


def readable_document(
    forsendelse_id: UUID, nr: int, *, pid: str, acr: int, orgnrs: frozenset[str]
) -> Dokumentref:
    """Return the letter's document number `nr` (from 1) if this person may read it at this level.

    `orgnrs` are the organisations the person holds Post/arkiv for. Errors: IkkeFunnet when the letter is not theirs
    (never told apart from none), IkkeTilgang("HOYERE_NIVA") when the login is too weak, IkkeFunnet("DOKUMENT_BORTE").
    """
    if _require_receiver(forsendelse_id, pid, orgnrs) == "HOYESTE" and acr < 4:
        raise IkkeTilgang("HOYERE_NIVA")
    letter = load_letters([forsendelse_id])[forsendelse_id]
    for document in letter.dokumenter:
        if document.nr == nr:
            if document.objekt is None:
                raise IkkeFunnet("DOKUMENT_BORTE")
            return document
    raise IkkeFunnet("FINNES_IKKE")


def _require_receiver(forsendelse_id: UUID, pid: str, orgnrs: frozenset[str]) -> str:
    """The letter's sikkerhetsniva, if it is to one of these numbers; IkkeFunnet otherwise."""
    letter = (
        session()
        .execute(
            select(Forsendelse.mottaker_indeks, Forsendelse.sikkerhetsniva).where(
                Forsendelse.id == forsendelse_id
            )
        )
        .first()
    )
    mine = {crypto.blind_index(current().index_key, "mottaker", number) for number in (pid, *orgnrs)}
    if letter is None or letter.mottaker_indeks is None or letter.mottaker_indeks not in mine:
        raise IkkeFunnet("FINNES_IKKE")
    return str(letter.sikkerhetsniva)


def mark_read(forsendelse_id: UUID, *, pid: str, orgnrs: frozenset[str], actor: Aktor) -> bool:
    """The whole file has been downloaded by its receiver: LEST, and no paper any more. True the first time.

    A letter that is read before our own record of the call becomes LEST with that record. `pid` and `orgnrs` as in
    `readable_document`; IkkeFunnet when the letter is not theirs.
    """
    with transaction() as tx:
        _require_receiver(forsendelse_id, pid, orgnrs)
        under_way = _on_its_way(forsendelse_id)
        stop_open_levering(forsendelse_id, kode="LEST_FOR_PAPIR", aktor=actor.ref)
        organisasjon_id, status = tx.execute(
            select(Forsendelse.organisasjon_id, Forsendelse.status).where(Forsendelse.id == forsendelse_id)
        ).one()
        audit.record(actor, "BREV_LASTET_NED", "forsendelse", forsendelse_id, organisasjon_id=organisasjon_id)
        if under_way is not None and status == Status.AKSEPTERT:
            return receipts.keep_early_reading(under_way, actor.ref)
        return move_forsendelse(forsendelse_id, fra=READABLE, til=Status.LEST, kode="LEST", aktor=actor.ref)


def do_not_print(utsending_id: UUID, konto_id: UUID, *, actor: Aktor) -> int:
    """Keep the mailing's unread Altinn letters from ever going on paper: MANUELT_HANDTERT. Returns how many."""
    konfigurasjon.require(actor, P.STOPPE, konto_id)
    with transaction() as tx:
        unread = tx.scalars(
            select(Forsendelse.id).where(
                Forsendelse.utsending_id == utsending_id,
                Forsendelse.konto_id == konto_id,
                Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
            )
        ).all()
        done = 0
        for forsendelse_id in unread:
            if _on_its_way(forsendelse_id) is not None:
                continue
            stop_open_levering(forsendelse_id, kode="IKKE_SKRIV_UT", aktor=actor.ref)
            done += move_forsendelse(
                forsendelse_id,
                fra=UNREAD_ALTINN,
                til=Status.MANUELT_HANDTERT,
                kode="IKKE_SKRIV_UT",
                aktor=actor.ref,
            )
        audit.record(actor, "IKKE_SKRIV_UT", "utsending", utsending_id, antall=done)
        return done


def _on_its_way(forsendelse_id: UUID) -> UUID | None:
    """The hand-over whose call may have begun, if there is one; it is locked until the transaction ends."""
    row = (
        session()
        .execute(
            select(Levering.id, Levering.status, Levering.kall_startet)
            .where(
                Levering.forsendelse_id == forsendelse_id,
                Levering.status.in_([Leveringsstatus.SENDER, Leveringsstatus.UAVKLART]),
            )
            .with_for_update()
        )
        .first()
    )
    if row is None or (row.status == Leveringsstatus.SENDER and row.kall_startet is None):
        return None
    levering_id: UUID = row.id
    return levering_id


def stop_unsent(utsending_id: UUID, *, actor: Aktor, limit: int = 1_000) -> int:
    """Stop the mailing's letters whose call has not begun; needs SVARUT.STOPPE on their konto. Returns how many.

    Letters in the middle of a call are asked to stop; the answer for them is known when the call is over.
    """
    with transaction() as tx:
        konto_id = tx.scalar(
            select(Forsendelse.konto_id).where(Forsendelse.utsending_id == utsending_id).limit(1)
        )
        if konto_id is None:
            return 0
        konfigurasjon.require(actor, P.STOPPE, konto_id)
        waiting = tx.execute(
            select(Levering.id, Levering.forsendelse_id, Levering.status)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(
                Levering.utsending_id == utsending_id,
                Levering.status.in_(["KLAR", "VENTER", "TIL_BEHANDLING"]),
                Forsendelse.status == Status.AKSEPTERT,
            )
            .order_by(Levering.id)
            .limit(limit)
            .with_for_update(of=Levering)
        ).all()
        stopped = 0
        for row in waiting:
            if move_levering(
                row.id,
                fra=Leveringsstatus(row.status),
                til=Leveringsstatus.STOPPET,
                kode="STOPPET",
                aktor=actor.ref,
            ):
                stopped += 1
                move_forsendelse(
                    row.forsendelse_id,
                    fra=(Status.AKSEPTERT,),
                    til=Status.MANUELT_HANDTERT,
                    kode="STOPPET",
                    aktor=actor.ref,
                )
        tx.execute(
            update(Levering)
            .where(
                Levering.utsending_id == utsending_id,
                Levering.status.in_([Leveringsstatus.SENDER, Leveringsstatus.UAVKLART]),
                Levering.forsendelse_id.in_(
                    select(Forsendelse.id).where(
                        Forsendelse.utsending_id == utsending_id, Forsendelse.status == Status.AKSEPTERT
                    )
                ),
            )
            .values(stopp_onsket=True)
            .execution_options(synchronize_session=False)
        )
        return stopped


def retry_failed(levering_id: UUID, *, actor: Aktor) -> None:
    """Send a letter that waits for a person once more. Konflikt("KAN_IKKE_PROVES_IGJEN") if it does not wait."""
    with transaction() as tx:
        row = tx.execute(
            select(Forsendelse.konto_id, Levering.bane)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(Levering.id == levering_id)
        ).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        konfigurasjon.require(actor, P.SE_SPERRET if row.bane == Bane.SPERRET else P.SENDE, row.konto_id)
        if row.bane == Bane.SPERRET or not move_levering(
            levering_id,
            fra=Leveringsstatus.TIL_BEHANDLING,
            til=Leveringsstatus.KLAR,
            kode="PROVES_IGJEN",
            aktor=actor.ref,
            frie_forsok=Levering.forsok,
            tapte_eiere=0,
        ):
            raise Konflikt("KAN_IKKE_PROVES_IGJEN")
        audit.record(actor, "PROVES_IGJEN", "levering", levering_id)
        ring(row.bane)
