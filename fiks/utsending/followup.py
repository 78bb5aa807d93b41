"""After a stop: exactly who got the letter and who did not, and the unsent rows as a new draft."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, select
from sqlalchemy.orm import aliased

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.core.storage import Lagret
from fiks.konfigurasjon.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OPEN, UNREAD_ALTINN, Kanal, Status
from fiks.utsending import access
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import SENDABLE, Art, Utsendingstatus, list_digest
from fiks.utsending.transitions import write_history
from fiks.utsending.values import row_values

U = Utsendingstatus
PAGE = 50


class Gruppe(StrEnum):
    """Where a row of a stopped mailing ended; every row is in exactly one."""

    STOPPET = "STOPPET"
    LEVERT_DIGITALT = "LEVERT_DIGITALT"
    ALTINN_ULEST = "ALTINN_ULEST"
    PAPIR = "PAPIR"
    IKKE_SKREVET_UT = "IKKE_SKREVET_UT"
    AVKLARES = "AVKLARES"
    IKKE_LEVERT = "IKKE_LEVERT"
    PARKERT = "PARKERT"


GOT_IT = (Gruppe.LEVERT_DIGITALT, Gruppe.ALTINN_ULEST, Gruppe.IKKE_SKREVET_UT, Gruppe.PAPIR)
DID_NOT = (Gruppe.STOPPET, Gruppe.IKKE_LEVERT, Gruppe.PARKERT)


@dataclass(frozen=True, slots=True)
class Stoppsvar:
    """Rows by group. `fikk` + `fikk_ikke` + `avklares` = `rader`, always."""

    rader: int
    grupper: dict[Gruppe, int]

    @property
    def fikk(self) -> int:
        """Receivers who have got the letter."""
        return sum(self.grupper.get(g, 0) for g in GOT_IT)

    @property
    def fikk_ikke(self) -> int:
        """Receivers who have not got it and will not."""
        return sum(self.grupper.get(g, 0) for g in DID_NOT)

    @property
    def avklares(self) -> int:
        """Letters in the middle of a call when the mailing was stopped."""
        return self.grupper.get(Gruppe.AVKLARES, 0)


def _group() -> ColumnElement[str]:
    """The group of a row as SQL over Utsendingsrad and its letter (outer joined)."""
    status = Forsendelse.status
    still_handing = (
        select(Levering.id)
        .where(Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN]))
        .correlate(Forsendelse)
        .exists()
    )
    never_left = and_(status == Status.MANUELT_HANDTERT, Forsendelse.overlevert.is_(None))
    on_paper = status.in_([Status.SENDT_PRINT, Status.PRINTET])
    erased_paper = and_(status == Status.SLETTET, Forsendelse.kanal == Kanal.PRINT)
    return case(
        (and_(status.is_(None), Utsendingsrad.status.in_([str(s) for s in SENDABLE])), Gruppe.STOPPET),
        (status.is_(None), Gruppe.PARKERT),
        (never_left, Gruppe.STOPPET),
        (status == Status.MANUELT_HANDTERT, Gruppe.IKKE_SKREVET_UT),
        (status.in_([Status.MOTTATT, Status.AKSEPTERT]), Gruppe.AVKLARES),
        (and_(status == Status.SENDT_SDP, still_handing), Gruppe.AVKLARES),
        (status.in_([str(s) for s in UNREAD_ALTINN]), Gruppe.ALTINN_ULEST),
        (on_paper | erased_paper, Gruppe.PAPIR),
        (status.in_([Status.IKKE_LEVERT, Status.AVVIST, Status.FEILET_UNDER_MOTTAK]), Gruppe.IKKE_LEVERT),
        else_=Gruppe.LEVERT_DIGITALT,
    )


def stop_answer(utsending_id: UUID, *, actor: Aktor) -> Stoppsvar:
    """Exactly how many rows of the mailing are in each group, from one grouped query over the rows themselves."""
    access.visible(utsending_id, actor)
    group = _group().label("gruppe")
    counted = session().execute(
        select(group, func.count())
        .select_from(Utsendingsrad)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .group_by(group)
    )
    groups = {Gruppe(name): n for name, n in counted}
    return Stoppsvar(sum(groups.values()), groups)


@dataclass(frozen=True, slots=True, repr=False)
class Grupperad:
    """One row of a group. `navn` is empty when the retention time is over."""

    radnr: int
    navn: str
    eksternref: str | None
    status: str | None


def group_rows(
    utsending_id: UUID, gruppe: Gruppe, *, actor: Aktor, after: int = 0, limit: int = PAGE
) -> list[Grupperad]:
    """The rows of one group in list order after row number `after`."""
    access.visible(utsending_id, actor)
    found = session().execute(
        select(Utsendingsrad, Forsendelse.status)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr > after, _group() == gruppe)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    return [
        Grupperad(row.radnr, row_values(row).get("navn", ""), row.eksternref, status) for row, status in found
    ]


_COPIED = (
    "radnr",
    "linje",
    "data_kryptert",
    "rad_hash",
    "mottakertype",
    "mottaker_indeks",
    "duplikat_indeks",
    "status",
    "funn",
    "reparasjon_kryptert",
    "skjermet",
    "sperret",
    "kanal",
    "kanalregel",
    "kanalgrunn",
    "portosone",
    "konteringskode",
    "eksternref",
    "malform",
)
_FACTS = (
    "organisasjon_id",
    "konto_id",
    "tittel",
    "art",
    "brevdato",
    "kunngjoringsdato",
    "kun_digital",
    "sikkerhetsniva",
    "tosidig",
    "farger",
    "konteringskode",
    "malversjon_id",
)


def new_from_unsent(utsending_id: UUID, *, actor: Aktor) -> UUID:
    """Make a new UTKAST of exactly the rows a stopped mailing never sent; return its id. Needs SVARUT.SENDE.

    A row is in at most one such draft, however often this is called. Errors (409): IKKE_STOPPET, INNHOLD_SLETTET,
    INGEN_USENDTE.
    """
    old = access.require(utsending_id, actor, P.SENDE)
    if actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    if old.status != U.STOPPET:
        raise Konflikt("IKKE_STOPPET")
    require_sending(old.konto_id)
    if old.innhold_slettet is not None:
        raise Konflikt("INNHOLD_SLETTET")
    facts = {name: getattr(old, name) for name in _FACTS}
    document = _copy_document(utsending_id) if old.art == Art.SAMME_DOKUMENT else None
    with transaction() as tx:
        tx.execute(select(Utsending.id).where(Utsending.id == utsending_id).with_for_update())
        new = Utsending(opprettet_av=actor.person_id, forrige_id=utsending_id, **facts)
        tx.add(new)
        tx.flush()
        count = _copy_rows(utsending_id, new.id)
        if not count:
            raise Konflikt("INGEN_USENDTE")
        hashes = tx.scalars(
            select(Utsendingsrad.rad_hash)
            .where(Utsendingsrad.utsending_id == new.id)
            .order_by(Utsendingsrad.radnr)
        )
        new.antall_rader, new.liste_digest = count, list_digest(hashes)
        if document is not None:
            _attach_document(utsending_id, new.id, document, actor)
        write_history(new.id, fra=None, til=U.UTKAST, actor=actor, detaljer={"rader": count})
        audit.record(
            actor, "UTKAST_AV_USENDTE", "utsending", new.id, fra_utsending=str(utsending_id), antall=count
        )
        return new.id


def _copy_rows(old_id: UUID, new_id: UUID) -> int:
    taken = aliased(Utsendingsrad)
    later = aliased(Utsending)
    already = (
        select(taken.radnr)
        .join(later, later.id == taken.utsending_id)
        .where(later.forrige_id == old_id, taken.radnr == Utsendingsrad.radnr)
        .correlate(Utsendingsrad)
        .exists()
    )
    columns = [getattr(Utsendingsrad, name) for name in _COPIED]
    unsent = (
        select(literal(new_id).label("utsending_id"), *columns)
        .outerjoin(Forsendelse, Forsendelse.id == Utsendingsrad.forsendelse_id)
        .where(Utsendingsrad.utsending_id == old_id, _group() == Gruppe.STOPPET, ~already)
    )
    session().execute(
        insert(Utsendingsrad).from_select(["utsending_id", *_COPIED], unsent, include_defaults=False)
    )
    copied = select(func.count()).where(Utsendingsrad.utsending_id == new_id)
    return session().execute(copied).scalar_one()


def _document_of(utsending_id: UUID) -> Opplasting | None:
    return (
        session()
        .scalars(
            select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "DOKUMENT")
        )
        .one_or_none()
    )


def _copy_document(utsending_id: UUID) -> Lagret | None:
    """A copy of its own in the store, so that each mailing's document lives and dies by itself."""
    row = _document_of(utsending_id)
    if row is None or row.objekt is None or row.nokkel is None:
        return None
    env, objekt, nokkel = current(), row.objekt, row.nokkel
    session().rollback()
    return env.store.put_document(env.store.read_document(objekt, nokkel, env.keys), env.keys)


def _attach_document(old_id: UUID, new_id: UUID, stored: Lagret, actor: Aktor) -> None:
    row = _document_of(old_id)
    assert row is not None and actor.person_id is not None
    session().add(
        Opplasting(
            utsending_id=new_id,
            art="DOKUMENT",
            filnavn=row.filnavn,
            storrelse=stored.storrelse,
            sha256=stored.sha256,
            objekt=stored.objekt,
            nokkel=stored.nokkel,
            status=row.status,
            sider=row.sider,
            funn=row.funn,
            opprettet_av=actor.person_id,
        )
    )
