"""Use cases of a draft: begin it, change its facts, choose its template, choose to park bad rows, override a block.

Every change of a controlled draft takes it back to UTKAST, so that what is produced is always what was last controlled.
Where a use case asks for `vist`, it is what the page of the form showed (`shown`), and VistEndret (409) is raised when
something else stands there now; None from who was shown no page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH, insert

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.cost_code import KONTERINGSKODE
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.identifiers import mask_numbers
from fiks.core.login_level import Sikkerhetsniva
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, work
from fiks.utsending.filer.girovalg import giro_of
from fiks.utsending.filer.rules import Girovalg
from fiks.utsending.filer.tying import check_again
from fiks.utsending.intake import forget_letter_findings, order_reading_again
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.models import Mal, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.repeats import reason_is_for
from fiks.utsending.rules import EDITABLE, FACTS, Art, Delart, Radstatus, Utsendingstatus
from fiks.utsending.samlet.letters import begin_anew, make_again
from fiks.utsending.shown import Vist, changes, refuse, require_shown
from fiks.utsending.transitions import held, move, write_history

FAULTY = Utsendingsrad.funn.contains([{"alvorlighet": "feil"}])
PROPOSED = func.jsonb_path_exists(
    Utsendingsrad.funn, cast('$[*] ? (@.alvorlighet == "auto" && !exists(@.godtatt))', JSONPATH)
)
"""A repair is proposed that nobody has accepted: `control.accept_repairs` marks those that are as `godtatt`."""
BAD = FAULTY | PROPOSED
"""A row that is PARKERT and this was set aside; one that is not was held out since no channel can reach it."""
UNREACHABLE = Utsendingsrad.funn.contains([{"kode": Funnkode.KAN_IKKE_NAAS}])


@dataclass(frozen=True, slots=True)
class Fakta:
    """The facts of step 1. `konteringskode` may be empty; `kunngjoringsdato` is needed by letters that state a
    deadline for complaints."""

    tittel: str
    art: Art
    brevdato: date
    kunngjoringsdato: date | None = None
    kun_digital: bool = False
    sikkerhetsniva: str = Sikkerhetsniva.BETYDELIG
    tosidig: bool = True
    farger: bool = False
    konteringskode: str | None = None

    def check(self) -> None:
        """Raise UgyldigInndata with the field at fault."""
        if not 1 <= len(self.tittel.strip()) <= 1000 or "\n" in self.tittel or "\r" in self.tittel:
            raise UgyldigInndata("TITTEL_UGYLDIG", felt="tittel")
        if mask_numbers(self.tittel) != self.tittel:
            raise UgyldigInndata("TITTEL_PERSONNUMMER", felt="tittel")
        if self.konteringskode and not KONTERINGSKODE.fullmatch(self.konteringskode):
            raise UgyldigInndata("KONTERINGSKODE_UGYLDIG", felt="konteringskode")
        if self.sikkerhetsniva not in set(Sikkerhetsniva):
            raise UgyldigInndata("NIVA_UGYLDIG", felt="sikkerhetsniva")

    def columns(self) -> dict[str, object]:
        """The facts as the mailing keeps them."""
        return asdict(self) | {"tittel": self.tittel.strip()}


def create_utsending(konto_id: UUID, fakta: Fakta, *, actor: Aktor, utsending_id: UUID | None = None) -> UUID:
    """Begin a mailing as UTKAST; needs SVARUT.SENDE on the konto. Returns its id.

    `utsending_id` is chosen by the form, so that a form sent twice makes one mailing: the same facts once more are the
    one that is there, others are Konflikt("UTSENDING_FINNES"). Other errors: KONTO_IKKE_AKTIV (409).
    """
    if actor.person_id is None:
        raise IkkeTilgang("KUN_PERSON")
    konfigurasjon.require(actor, P.SENDE, konto_id)
    konto = konfigurasjon.konto(konto_id)
    if actor.organisasjon_id != konto.organisasjon_id:
        raise IkkeTilgang("ANNEN_ORGANISASJON")
    require_sending(konto_id)
    fakta.check()
    own = utsending_id or uuid4()
    who = {"organisasjon_id": konto.organisasjon_id, "konto_id": konto_id, "opprettet_av": actor.person_id}
    with transaction() as tx:
        row = insert(Utsending).values(id=own, **who, **fakta.columns())
        made = tx.scalar(row.on_conflict_do_nothing(index_elements=["id"]).returning(Utsending.id))
        if made is None:
            _require_same(own, who | fakta.columns())
            return own
        write_history(own, fra=None, til=Utsendingstatus.UTKAST, actor=actor, detaljer={})
        audit.record(actor, "UTSENDING_OPPRETTET", "utsending", own, organisasjon_id=konto.organisasjon_id)
        return own


def _require_same(utsending_id: UUID, values: Mapping[str, object]) -> None:
    there = session().get_one(Utsending, utsending_id, populate_existing=True)
    if any(getattr(there, name) != value for name, value in values.items()):
        raise Konflikt("UTSENDING_FINNES")


def update_utsending(utsending_id: UUID, fakta: Fakta, *, actor: Aktor, vist: str | None = None) -> None:
    """Change the facts of a draft, with an audit row that names those that are other; a controlled one becomes UTKAST
    again. A page showed FAKTA.

    Whether paper may be used decides what is wrong with a row, and in one of the ways each row must name files, so when
    that changes the rows are controlled anew. Whether both sides are printed decides what is wrong with a giro page.
    """
    access.require(utsending_id, actor, P.SENDE)
    fakta.check()
    with transaction():
        before, new = reopen(utsending_id, actor=actor), fakta.columns()
        if other := [name for name in FACTS if getattr(before, name) != new[name]]:
            require_shown(utsending_id, vist, Vist.FAKTA)
            audit.record(actor, "UTSENDING_ENDRET", "utsending", utsending_id, felter=", ".join(other))
        was = (before.kun_digital, before.art == Art.ETT_DOKUMENT_PER_RAD)
        art, tittel, tosidig = before.art, before.tittel, before.tosidig
        _change(utsending_id, new)
        forget_letter_findings(utsending_id)
        _keep_letters_true(utsending_id, (art, tittel, tosidig), fakta, actor)
        if was != (fakta.kun_digital, fakta.art == Art.ETT_DOKUMENT_PER_RAD):
            order_reading_again(utsending_id, actor.person_id)
        if (
            tosidig != fakta.tosidig
            and fakta.art == Art.ETT_DOKUMENT_PER_RAD
            and giro_of(utsending_id) != Girovalg()
        ):
            check_again(utsending_id, actor.person_id)


def _keep_letters_true(utsending_id: UUID, before: tuple[str, str, bool], fakta: Fakta, actor: Aktor) -> None:
    """Letters of a big PDF bear its title, and a giro page of theirs is checked as it is printed; in another way there
    are none.
    """
    art, tittel, tosidig = before
    if Art.EN_STOR_PDF not in (art, fakta.art):
        return
    other_backs = tosidig != fakta.tosidig and giro_of(utsending_id) != Girovalg()
    if art != fakta.art:
        begin_anew(utsending_id)
    elif tittel != fakta.tittel.strip() or other_backs:
        make_again(utsending_id, fakta.tittel.strip(), actor.person_id)


def choose_template(
    utsending_id: UUID, malversjon_id: UUID, *, actor: Aktor, vist: str | None = None
) -> None:
    """Choose the version of the letter template that shall be merged with the rows. A page showed the one that it takes
    the place of (MAL)."""
    row = access.require(utsending_id, actor, P.SENDE)
    organisation = row.organisasjon_id
    with transaction() as tx:
        mal = tx.execute(
            select(Mal.organisasjon_id, Mal.navn, Malversjon.versjon)
            .join(Malversjon, Malversjon.mal_id == Mal.id)
            .where(Malversjon.id == malversjon_id)
        ).first()
        if mal is None or mal.organisasjon_id not in (None, organisation):
            raise UgyldigInndata("MAL_FINNES_IKKE", felt="mal")
        before = reopen(utsending_id, actor=actor).malversjon_id
        if before not in (None, malversjon_id):
            require_shown(utsending_id, vist, Vist.MAL)
        if before != malversjon_id:
            audit.record(actor, "MAL_VALGT", "utsending", utsending_id, navn=mal.navn, versjon=mal.versjon)
        _change(utsending_id, {"malversjon_id": malversjon_id})
        forget_letter_findings(utsending_id)


def park_bad_rows(
    utsending_id: UUID, park: bool, *, actor: Aktor, antall: int, vist: str | None = None
) -> None:
    """Choose to send the good rows and park the bad ones (or take that choice back); audited with the count.

    The choice is about the rows that are bad now, and a page showed them (RADER). Error (409): LISTE_LESES, while
    nobody knows yet which they are.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        parked_before = reopen(utsending_id, actor=actor).parker_feil
        endret = changes(utsending_id, vist, Vist.RADER)
        if park and work.is_busy(utsending_id, Delart.KUTT, Delart.LES):
            raise Konflikt("LISTE_LESES")
        _change(utsending_id, {"parker_feil": park})
        taken_back = 0 if park else _unpark(utsending_id)
        if taken_back or park != parked_before:
            refuse(endret)
        audit.record(
            actor, "RADER_PARKERT" if park else "PARKERING_ANGRET", "utsending", utsending_id, antall=antall
        )


def _unpark(utsending_id: UUID) -> int:
    """What an earlier production left out becomes FEIL or AUTO again, as its findings say. Returns how many."""
    kinds = ((FAULTY, Radstatus.FEIL), (PROPOSED & ~FAULTY, Radstatus.AUTO))
    return sum(_move_rows(utsending_id, (Radstatus.PARKERT,), status, kind) for kind, status in kinds)


def send_unreachable(utsending_id: UUID, send: bool, *, actor: Aktor, vist: str | None = None) -> int:
    """Choose to send also the rows that no channel can reach, or to hold them out again; audited. Returns how many.

    Such a row (KAN_IKKE_NAAS, nothing worse) is held out until somebody has said otherwise. One that was set aside as
    bad stays so: to send it is not to accept what was proposed for it. A page showed RADER.
    """
    access.require(utsending_id, actor, P.SENDE)
    fra, til = (
        ((Radstatus.PARKERT,), Radstatus.ADVARSEL) if send else ((Radstatus.ADVARSEL,), Radstatus.PARKERT)
    )
    with transaction():
        reopen(utsending_id, actor=actor)
        endret = changes(utsending_id, vist, Vist.RADER)
        count = _move_rows(utsending_id, fra, til, UNREACHABLE & ~BAD if send else UNREACHABLE)
        if count:
            refuse(endret)
        audit.record(
            actor,
            "UNAABARE_SENDES" if send else "UNAABARE_HOLDES_UTENFOR",
            "utsending",
            utsending_id,
            antall=count,
        )
        return count


def _move_rows(
    utsending_id: UUID, fra: tuple[Radstatus, ...], til: Radstatus, condition: ColumnElement[bool]
) -> int:
    moved = session().scalars(
        update(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.status.in_(fra), condition)
        .values(status=til)
        .returning(Utsendingsrad.radnr)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


def override_sent_before(
    utsending_id: UUID, grunn: str, *, tidligere: Collection[UUID], actor: Aktor
) -> None:
    """Send although the same letters have been sent within RESEND_WINDOW; by name and reason, audited.

    The reason is for the earlier mailings that were shown, `tidligere`, and no others. Errors: BEGRUNNELSE_FOR_KORT
    (422), SENDT_FOR_FLERE (409) when there are others by now.
    """
    access.require(utsending_id, actor, P.SENDE)
    reason = mask_numbers(grunn.strip())
    if len(reason) < 10:
        raise UgyldigInndata("BEGRUNNELSE_FOR_KORT", felt="grunn")
    with transaction():
        given_for = reason_is_for(reopen(utsending_id, actor=actor), tidligere)
        who = {"overstyrt_av": actor.person_id, "overstyrt_grunn": reason}
        _change(utsending_id, who | {"overstyrt_for": given_for})
        audit.record(actor, "SENDT_FOR_OVERSTYRT", "utsending", utsending_id, grunn=reason)


def reopen(utsending_id: UUID, *, actor: Aktor) -> Utsending:
    """Take an editable mailing back to UTKAST in the present transaction; Konflikt("KAN_IKKE_ENDRES") otherwise.

    Returns it as it is `held`. What a change depends on is asked of it, and not of what was seen before. It is edited
    now, by the clock that cleaning reads: a draft somebody works on is never an unused one.
    """
    # Held before it is moved: a move that waited for the row's lock would have looked before it was controlled.
    row = held(utsending_id)
    if Utsendingstatus(row.status) not in EDITABLE:
        raise Konflikt("KAN_IKKE_ENDRES", status=row.status)
    if row.status == Utsendingstatus.KONTROLLERT:
        move(
            utsending_id,
            fra=(Utsendingstatus.KONTROLLERT,),
            til=Utsendingstatus.UTKAST,
            actor=actor,
        )
        session().refresh(row)
    row.endret = clock.now()
    session().flush()
    return row


def _change(utsending_id: UUID, values: dict[str, object]) -> None:
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(endret=func.now(), **values))
