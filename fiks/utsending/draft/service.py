"""Use cases of a draft: begin it, change its facts, choose a template, park bad rows, justify a repeat.

Every change takes a controlled draft back to UTKAST, so what is produced is always what was last controlled.
`vist` is the form version that the page showed (`stale_form`); VistEndret (409) is raised when the part has
changed since. None when no page was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH, insert

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.cost_code import KONTERINGSKODE
from fiks.core.values.identifiers import mask_numbers
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.earlier_mailings import mailings_covered_by_reason
from fiks.utsending.editing.reopen import reopen
from fiks.utsending.editing.reset import forget_letter_findings, order_reading_again
from fiks.utsending.editing.stale_form import Vist, changes_since, refuse_stale, require_current
from fiks.utsending.filer.giro import giro_of
from fiks.utsending.filer.linking import recheck_files
from fiks.utsending.filer.rules import Girovalg
from fiks.utsending.jobs import queue
from fiks.utsending.liste.findings import Funnkode
from fiks.utsending.models import Mal, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.rules import FACTS, Art, Delart, Radstatus, Utsendingstatus
from fiks.utsending.samlet.letter_rows import forget_all, recut_letters
from fiks.utsending.transitions import write_history

HAS_ERROR = Utsendingsrad.funn.contains([{"alvorlighet": "feil"}])
"""SQL: the row has a finding of severity FEIL."""
HAS_OPEN_REPAIR = func.jsonb_path_exists(
    Utsendingsrad.funn, cast('$[*] ? (@.alvorlighet == "auto" && !exists(@.godtatt))', JSONPATH)
)
"""SQL: the row has a proposed repair that is not accepted (`confirm.accept_repairs` sets `godtatt`)."""
IS_BAD = HAS_ERROR | HAS_OPEN_REPAIR
"""SQL: the row is bad. A bad row that is PARKERT was parked by choice; any other PARKERT row was held out
because no channel can reach its receiver.
"""
IS_UNREACHABLE = Utsendingsrad.funn.contains([{"kode": Funnkode.KAN_IKKE_NAAS}])
"""SQL: no channel can reach the row's receiver."""


@dataclass(frozen=True, slots=True)
class Fakta:
    """The facts of step 1. `konteringskode` may be empty.

    `kunngjoringsdato` is required by letters that state a deadline for complaints.
    """

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
        """Validate the facts; raise UgyldigInndata with the invalid field."""
        if not 1 <= len(self.tittel.strip()) <= 1000 or "\n" in self.tittel or "\r" in self.tittel:
            raise UgyldigInndata("TITTEL_UGYLDIG", felt="tittel")
        if mask_numbers(self.tittel) != self.tittel:
            raise UgyldigInndata("TITTEL_PERSONNUMMER", felt="tittel")
        if self.konteringskode and not KONTERINGSKODE.fullmatch(self.konteringskode):
            raise UgyldigInndata("KONTERINGSKODE_UGYLDIG", felt="konteringskode")
        if self.sikkerhetsniva not in set(Sikkerhetsniva):
            raise UgyldigInndata("NIVA_UGYLDIG", felt="sikkerhetsniva")

    def columns(self) -> dict[str, object]:
        """The facts as columns of the mailing."""
        return asdict(self) | {"tittel": self.tittel.strip()}


def create_utsending(konto_id: UUID, fakta: Fakta, *, actor: Aktor, utsending_id: UUID | None = None) -> UUID:
    """Begin a mailing as UTKAST and return its id. Needs SVARUT.SENDE on the konto.

    `utsending_id` is the idempotency key, chosen by the form: the same facts again return the existing
    mailing, other facts raise Konflikt("UTSENDING_FINNES"). Other errors: KONTO_IKKE_AKTIV (409).
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
    """Konflikt("UTSENDING_FINNES") unless the existing mailing has these values."""
    there = session().get_one(Utsending, utsending_id, populate_existing=True)
    if any(getattr(there, name) != value for name, value in values.items()):
        raise Konflikt("UTSENDING_FINNES")


def update_utsending(utsending_id: UUID, fakta: Fakta, *, actor: Aktor, vist: str | None = None) -> None:
    """Change the facts of a draft; a controlled one becomes UTKAST. The audit entry names the changed facts.

    `vist` is the form version of FAKTA. Rows are controlled again when `kun_digital` changes (it decides what
    is wrong with a row) and when the art changes to or from one document per row (rows must then name files).
    Giro pages are checked again when two-sided printing changes.
    """
    access.require(utsending_id, actor, P.SENDE)
    fakta.check()
    with transaction():
        before, new = reopen(utsending_id, actor=actor), fakta.columns()
        if other := [name for name in FACTS if getattr(before, name) != new[name]]:
            require_current(utsending_id, vist, Vist.FAKTA)
            audit.record(actor, "UTSENDING_ENDRET", "utsending", utsending_id, felter=", ".join(other))
        was = (before.kun_digital, before.art == Art.ETT_DOKUMENT_PER_RAD)
        art, tittel, tosidig = before.art, before.tittel, before.tosidig
        _update_columns(utsending_id, new)
        forget_letter_findings(utsending_id)
        _update_cut_letters(utsending_id, (art, tittel, tosidig), fakta, actor)
        if was != (fakta.kun_digital, fakta.art == Art.ETT_DOKUMENT_PER_RAD):
            order_reading_again(utsending_id, actor.person_id)
        if (
            tosidig != fakta.tosidig
            and fakta.art == Art.ETT_DOKUMENT_PER_RAD
            and giro_of(utsending_id) != Girovalg()
        ):
            recheck_files(utsending_id, actor.person_id)


def _update_cut_letters(
    utsending_id: UUID, before: tuple[str, str, bool], fakta: Fakta, actor: Aktor
) -> None:
    """Update the letters cut from a big PDF after a change of facts.

    They carry the mailing's title, and giro pages depend on two-sided printing. When the art changes to or
    from EN_STOR_PDF, receivers, letters and the files they were read from are deleted.
    """
    art, tittel, tosidig = before
    if Art.EN_STOR_PDF not in (art, fakta.art):
        return
    other_backs = tosidig != fakta.tosidig and giro_of(utsending_id) != Girovalg()
    if art != fakta.art:
        forget_all(utsending_id)
    elif tittel != fakta.tittel.strip() or other_backs:
        recut_letters(utsending_id, fakta.tittel.strip(), actor.person_id)


def choose_template(
    utsending_id: UUID, malversjon_id: UUID, *, actor: Aktor, vist: str | None = None
) -> None:
    """Choose the template version to merge with the rows. `vist`: the form version of MAL, the old choice."""
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
            require_current(utsending_id, vist, Vist.MAL)
        if before != malversjon_id:
            audit.record(actor, "MAL_VALGT", "utsending", utsending_id, navn=mal.navn, versjon=mal.versjon)
        _update_columns(utsending_id, {"malversjon_id": malversjon_id})
        forget_letter_findings(utsending_id)


def park_bad_rows(
    utsending_id: UUID, park: bool, *, actor: Aktor, antall: int, vist: str | None = None
) -> None:
    """Choose to park the bad rows and send the good ones, or take that choice back; audited with the count.

    The choice concerns the rows that are bad now; `vist` is the form version of RADER. Error (409):
    LISTE_LESES, while the rows are still being read.
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction():
        parked_before = reopen(utsending_id, actor=actor).parker_feil
        endret = changes_since(utsending_id, vist, Vist.RADER)
        if park and queue.is_busy(utsending_id, Delart.KUTT, Delart.LES):
            raise Konflikt("LISTE_LESES")
        _update_columns(utsending_id, {"parker_feil": park})
        taken_back = 0 if park else _unpark(utsending_id)
        if taken_back or park != parked_before:
            refuse_stale(endret)
        audit.record(
            actor, "RADER_PARKERT" if park else "PARKERING_ANGRET", "utsending", utsending_id, antall=antall
        )


def _unpark(utsending_id: UUID) -> int:
    """Set rows parked by an earlier production back to FEIL or AUTO by their findings; return how many."""
    kinds = ((HAS_ERROR, Radstatus.FEIL), (HAS_OPEN_REPAIR & ~HAS_ERROR, Radstatus.AUTO))
    return sum(_move_rows(utsending_id, (Radstatus.PARKERT,), status, kind) for kind, status in kinds)


def send_unreachable(utsending_id: UUID, send: bool, *, actor: Aktor, vist: str | None = None) -> int:
    """Choose to send rows that no channel can reach, or hold them out again; audited. Returns how many.

    A row with KAN_IKKE_NAAS and nothing worse is held out until somebody decides otherwise. A row parked as
    bad stays parked: sending it is not accepting its proposed repair. `vist`: RADER.
    """
    access.require(utsending_id, actor, P.SENDE)
    fra, til = (
        ((Radstatus.PARKERT,), Radstatus.ADVARSEL) if send else ((Radstatus.ADVARSEL,), Radstatus.PARKERT)
    )
    with transaction():
        reopen(utsending_id, actor=actor)
        endret = changes_since(utsending_id, vist, Vist.RADER)
        count = _move_rows(utsending_id, fra, til, IS_UNREACHABLE & ~IS_BAD if send else IS_UNREACHABLE)
        if count:
            refuse_stale(endret)
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
    """Set rows with a status in `fra` that meet `condition` to `til`; return how many."""
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
    """Give a reason to repeat letters sent within RESEND_WINDOW; stored with the person's name, audited.

    The reason covers only `tidligere`, the earlier mailings that were shown. Errors: BEGRUNNELSE_FOR_KORT
    (422), SENDT_FOR_FLERE (409) when there are others by now.
    """
    access.require(utsending_id, actor, P.SENDE)
    reason = mask_numbers(grunn.strip())
    if len(reason) < 10:
        raise UgyldigInndata("BEGRUNNELSE_FOR_KORT", felt="grunn")
    with transaction():
        given_for = mailings_covered_by_reason(reopen(utsending_id, actor=actor), tidligere)
        who = {"overstyrt_av": actor.person_id, "overstyrt_grunn": reason}
        _update_columns(utsending_id, who | {"overstyrt_for": given_for})
        audit.record(actor, "SENDT_FOR_OVERSTYRT", "utsending", utsending_id, grunn=reason)


def _update_columns(utsending_id: UUID, values: dict[str, object]) -> None:
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(endret=func.now(), **values))
