"""What a sender may do: stop a mailing's letters, keep them off paper, retry failed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, any_, func, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import ring, session, transaction, uuid_array
from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.values.login_level import is_strong_enough
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.documents import offered
from fiks.svarut.indexes import number_index
from fiks.svarut.letters import Dokumentref, load_documents
from fiks.svarut.looks import record_look
from fiks.svarut.models import Eksponering, Forsendelse, Levering
from fiks.svarut.paper import never_on_paper
from fiks.svarut.paper_stop import stop_failed_paper
from fiks.svarut.reading import record_reading, tell_early_readings
from fiks.svarut.rules import COVER, FORSENDELSESFIL, OPEN, UNREAD_ALTINN, Bane, Leveringsstatus, Status
from fiks.svarut.stopping import call_may_have_begun, hold, stop_held
from fiks.svarut.transitions import WAITING, move_forsendelser, move_leveringer

STOP_PORTION = 5_000


def readable_document(
    forsendelse_id: UUID, nr: int, *, pid: str, acr: int, orgnrs: frozenset[str]
) -> Dokumentref:
    """The letter's document number `nr` (from 1) if this person may read it at this level.

    `orgnrs` are the organisations the person holds Post/arkiv for. Errors: IkkeFunnet when the letter is not
    theirs (never told apart from one that does not exist), IkkeTilgang("HOYERE_NIVA") when the login is too
    weak, Borte("DOKUMENT_BORTE").
    """
    return _document(forsendelse_id, nr, require_reader(forsendelse_id, pid, orgnrs), acr)


def begin_download(
    forsendelse_id: UUID, nr: int, *, pid: str, orgnrs: frozenset[str], actor: Aktor
) -> Dokumentref:
    """As `readable_document`, for a download: the audit records that this reader has begun.

    A reader who breaks off before the last byte leaves the letter unread (`mark_read`), but may have seen all
    of it.
    """
    with transaction():
        reader = require_reader(forsendelse_id, pid, orgnrs)
        document = _document(forsendelse_id, nr, reader, actor.acr)
        begun = "BREV_NEDLASTING_BEGYNT"
        record_look(actor, begun, forsendelse_id, by_receiver=reader.is_receiver, nr=nr)
    return document


def _document(forsendelse_id: UUID, nr: int, reader: Tilgang, acr: int) -> Dokumentref:
    if not is_strong_enough(reader.niva, acr):
        raise IkkeTilgang("HOYERE_NIVA")
    documents = load_documents(forsendelse_id)
    if nr in (COVER, FORSENDELSESFIL) or not any(d.nr == nr for d in documents):
        raise IkkeFunnet("FINNES_IKKE")
    served = offered(documents).get(nr)
    if served is None or served.objekt is None:
        raise Borte("DOKUMENT_BORTE")
    return served


@dataclass(frozen=True, slots=True)
class Tilgang:
    """How a reader may read a letter: the level it needs, and whether it is to the reader or only exposed."""

    niva: str
    is_receiver: bool


def require_reader(forsendelse_id: UUID, pid: str, orgnrs: frozenset[str]) -> Tilgang:
    """How one of these numbers may read the letter; IkkeFunnet when none may."""
    letter = (
        session()
        .execute(
            select(Forsendelse.mottaker_indeks, Forsendelse.sikkerhetsniva).where(
                Forsendelse.id == forsendelse_id
            )
        )
        .first()
    )
    mine = [number_index(number) for number in (pid, *orgnrs)]
    exposed = select(Eksponering.indeks).where(
        Eksponering.forsendelse_id == forsendelse_id, Eksponering.indeks.in_(mine)
    )
    if letter is not None and letter.mottaker_indeks in mine:
        return Tilgang(str(letter.sikkerhetsniva), is_receiver=True)
    if letter is None or session().execute(exposed).first() is None:
        raise IkkeFunnet("FINNES_IKKE")
    return Tilgang(str(letter.sikkerhetsniva), is_receiver=False)


def may_read(forsendelse_id: UUID, number: str) -> bool:
    """Whether the letter is to this number, or exposed to it."""
    try:
        require_reader(forsendelse_id, number, frozenset())
    except IkkeFunnet:
        return False
    return True


def mark_read(forsendelse_id: UUID, *, pid: str, orgnrs: frozenset[str], actor: Aktor) -> bool:
    """Record that the receiver has downloaded a whole file: LEST, and no paper any more. True the first time.

    A letter read before our own record of the call becomes LEST with that record; one that waits for its
    mottakersystem keeps waiting, and its history records the reading. Readers it is only exposed to leave it
    unread. `pid` and `orgnrs` as in `readable_document`; IkkeFunnet when the letter is not theirs.
    """
    with transaction():
        reader = require_reader(forsendelse_id, pid, orgnrs)
        record_look(actor, "BREV_LASTET_NED", forsendelse_id, by_receiver=reader.is_receiver)
        if not reader.is_receiver:
            return False
        unmoved = (Status.KLAR_FOR_MOTTAK, Status.MANUELT_HANDTERT)
        return record_reading(forsendelse_id, kode="LEST", aktor=actor.ref, unmoved=unmoved)


def do_not_print(utsending_id: UUID, konto_id: UUID, *, actor: Aktor) -> int:
    """Keep the mailing's unread Altinn letters from ever going on paper: MANUELT_HANDTERT. Returns how many.

    Needs SVARUT.STOPPE on the konto.
    """
    konfigurasjon.require(actor, P.STOPPE, konto_id)
    with transaction():
        done, portion = 0, _unread(utsending_id, konto_id, None)
        while portion:
            done += _keep_off_paper(portion, actor)
            portion = _unread(utsending_id, konto_id, portion[-1])
        audit.record(actor, "IKKE_SKRIV_UT", "utsending", utsending_id, antall=done)
        return done


def _unread(utsending_id: UUID, konto_id: UUID, after: UUID | None) -> Sequence[UUID]:
    """The next portion of the mailing's unread Altinn letters after letter `after`, by id."""
    unread = (
        select(Forsendelse.id)
        .where(
            Forsendelse.utsending_id == utsending_id,
            Forsendelse.konto_id == konto_id,
            Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
        )
        .order_by(Forsendelse.id)
        .limit(STOP_PORTION)
    )
    return session().scalars(unread if after is None else unread.where(Forsendelse.id > after)).all()


def _keep_off_paper(ids: Sequence[UUID], actor: Aktor) -> int:
    """Close these unread letters and stop their way to paper, except those whose print order may have left
    the house.
    """
    stop_held(hold(ids), kode="IKKE_SKRIV_UT", aktor=actor.ref)
    kept = move_forsendelser(
        ids,
        fra=UNREAD_ALTINN,
        til=Status.MANUELT_HANDTERT,
        kode="IKKE_SKRIV_UT",
        aktor=actor.ref,
        unless=select(Levering.forsendelse_id).where(
            Levering.forsendelse_id == any_(uuid_array(ids)), call_may_have_begun()
        ),
    )
    never_on_paper(kept)
    return len(kept)


def stop_unsent(utsending_id: UUID, *, actor: Aktor) -> int:
    """Stop the mailing's letters whose call has not begun; needs SVARUT.STOPPE on their konto. Returns how
    many.

    Includes letters whose printing failed and that wait to be printed again; ordered paper is not included
    (`paper.cancellation`). Letters in the middle of a call are asked to stop; their result is known when the
    call ends. The caller ensures that no more letters of the mailing are taken in meanwhile.
    """
    with transaction() as tx:
        konto_id = tx.scalar(
            select(Forsendelse.konto_id).where(Forsendelse.utsending_id == utsending_id).limit(1)
        )
        if konto_id is None:
            return 0
        konfigurasjon.require(actor, P.STOPPE, konto_id)
        _ask_to_stop(utsending_id)
        stopped = 0
        while letters := move_leveringer(
            and_(Levering.utsending_id == utsending_id, Levering.forsendelse_id.in_(_unsent(utsending_id))),
            fra=WAITING,
            til=Leveringsstatus.STOPPET,
            kode="STOPPET",
            aktor=actor.ref,
            limit=STOP_PORTION,
        ):
            closed = move_forsendelser(
                letters,
                fra=(Status.AKSEPTERT,),
                til=Status.MANUELT_HANDTERT,
                kode="STOPPET",
                aktor=actor.ref,
            )
            tell_early_readings(closed)
            stopped += len(closed)
        return stopped + stop_failed_paper(utsending_id, actor=actor)


def _unsent(utsending_id: UUID) -> Select[UUID]:
    return select(Forsendelse.id).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.status == Status.AKSEPTERT
    )


def _ask_to_stop(utsending_id: UUID) -> None:
    """Mark every open levering of an unsent letter, claimed or not, so that no more calls begin for it.

    A channel that refused while we waited for its row may have opened the next levering, so the query is
    repeated; a marked levering opens no next one (`lifecycle.fallback`).
    """
    unasked = (
        Levering.utsending_id == utsending_id,
        Levering.status.in_([str(s) for s in OPEN]),
        ~Levering.stopp_onsket,
        Levering.forsendelse_id.in_(_unsent(utsending_id)),
    )
    while session().execute(select(select(Levering.id).where(*unasked).exists())).scalar_one():
        locked = select(Levering.id).where(*unasked).order_by(Levering.id).with_for_update().cte("locked")
        session().execute(
            update(Levering)
            .where(Levering.id == locked.c.id)
            .values(stopp_onsket=True)
            .execution_options(synchronize_session=False)
        )


def retry_failed(levering_id: UUID, *, actor: Aktor) -> None:
    """Retry a levering that waits for a person. Konflikt("KAN_IKKE_PROVES_IGJEN") when it does not wait.

    The same for one in the restricted lane, whoever asks: only a person delivers that. It is ready from now
    on: its time waiting for the person says nothing about its lane. Needs SVARUT.SENDE on the konto.
    """
    with transaction() as tx:
        row = tx.execute(
            select(Forsendelse.konto_id, Forsendelse.organisasjon_id, Levering.bane)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(Levering.id == levering_id)
        ).first()
        if row is None:
            raise IkkeFunnet("FINNES_IKKE")
        konfigurasjon.require(actor, P.SENDE, row.konto_id)
        if not move_leveringer(
            and_(Levering.id == levering_id, Levering.bane != Bane.SPERRET),
            fra=(Leveringsstatus.TIL_BEHANDLING,),
            til=Leveringsstatus.KLAR,
            kode="PROVES_IGJEN",
            aktor=actor.ref,
            limit=1,
            frie_forsok=Levering.forsok,
            tapte_eiere=0,
            neste_forsok=func.now(),
        ):
            raise Konflikt("KAN_IKKE_PROVES_IGJEN")
        audit.record(
            actor,
            "PROVES_IGJEN",
            "levering",
            levering_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=row.konto_id,
            tjeneste="SVARUT",
        )
        ring(row.bane)
