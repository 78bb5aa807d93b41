"""Use cases of a skjema from the first draft until it is handed over for sending (svarut.md 8.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, insert, select

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import delete_after_commit, ring, session, transaction
from fiks.core.errors import FiksError, IkkeTilgang, Konflikt, UgyldigeFelt
from fiks.core.queue.planned_jobs import in_portions
from fiks.edialog import access, queries, review, rules
from fiks.edialog.content import Innhold, Mottaker, content_version, seal, unseal
from fiks.edialog.models import EdialogFil, EdialogSkjema
from fiks.edialog.mottaker import forms
from fiks.edialog.rules import EDITABLE, Avsender, Endring, Feil, Status, Utkast
from fiks.edialog.transitions import move, record_created
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.konfigurasjon.models import Konto
from fiks.svarut.inbox.queries import Postboks
from fiks.svarut.inbox.replies import reply_target

DISCARDED = "EDIALOG_UTKAST_SLETTET"
LANE = "edialog"
DAY = timedelta(days=1)
DELETED_AT_ONCE = 200
Fault = Callable[[Utkast], list[Feil]]
SUBMITTED = Status.INNSENDT, Status.INNSENDING_FEILET
"""Statuses of a skjema that its citizen has sent, whatever came of it."""


class ForMange(FiksError):
    """Over the limit; it is possible again after some time, or after deleting something."""

    status: ClassVar[int] = 429


class EndretImens(Konflikt):
    """Something else has been saved since the content to be saved or sent was shown."""


class UgyldigSkjema(UgyldigeFelt):
    """The content cannot be sent; `feil` lists every fault."""


def begin(ident: str, forslag: Avsender, *, nr: int | None = None, actor: Aktor) -> UUID:
    """Start a draft to the mottaker with this orgnr or short id, or continue the existing draft; return its
    id.

    `forslag`: the registers' facts about the sender, filled into a new draft. `nr`: which of the mottaker's
    forms, if it has several. Errors: FINNES_IKKE, those of `skjematyper.choose_form`,
    EDIALOG_FOR_MANGE_UTKAST (429).
    """
    mottaker = queries.mottaker(ident)
    require_open(mottaker.konto_id)
    form = forms.choose_form(mottaker.id, nr)
    return _begin(
        Mottaker(mottaker.orgnr, mottaker.adresse),
        forslag,
        actor,
        mottaker_id=mottaker.id,
        skjematype_id=form.id,
        tittel=form.tittel,
    )


def begin_reply(forsendelse_id: UUID, forslag: Avsender, boks: Postboks, *, actor: Aktor) -> UUID:
    """Start a reply to a letter the party received, or continue the existing one; return its id. It needs no
    mottaker.

    Errors: those of `svarut.replies.reply_target`, EDIALOG_TAR_IKKE_IMOT (409), EDIALOG_FOR_MANGE_UTKAST
    (429).
    """
    if boks.nummer != access.number_of(actor):
        raise IkkeTilgang("REPRESENTERER_IKKE")
    maal = reply_target(forsendelse_id, boks)
    require_open(maal.konto_id)
    return _begin(
        Mottaker(maal.orgnr, maal.adresse),
        forslag,
        actor,
        svar_pa_id=forsendelse_id,
        tittel=rules.tidy_text(f"Svar: {maal.tittel}")[: rules.MAX_TITLE],
        sensitivt=maal.niva4,
    )


def require_open(konto_id: UUID) -> None:
    """Raise Konflikt("EDIALOG_TAR_IKKE_IMOT") unless the konto can be billed."""
    try:
        require_sending(konto_id)
    except FiksError as error:
        raise Konflikt("EDIALOG_TAR_IKKE_IMOT") from error


def _begin(
    mottaker: Mottaker,
    forslag: Avsender,
    actor: Aktor,
    *,
    mottaker_id: UUID | None = None,
    skjematype_id: UUID | None = None,
    svar_pa_id: UUID | None = None,
    tittel: str = "",
    sensitivt: bool = False,
) -> UUID:
    nummer = access.number_of(actor)
    content = Innhold(nummer, mottaker, Utkast(tittel, avsender=forslag))
    row = {
        "id": uuid4(),
        "person_id": actor.person_id,
        "eier_indeks": access.owner_index(nummer),
        "mottaker_id": mottaker_id,
        "skjematype_id": skjematype_id,
        "svar_pa_id": svar_pa_id,
    }
    same = [getattr(EdialogSkjema, name) == value for name, value in row.items() if name != "id" and value]
    with transaction() as tx:
        _wait_for_own(actor)
        draft = select(EdialogSkjema.id).where(*same, _is_draft()).order_by(EdialogSkjema.id).limit(1)
        if (known := tx.execute(draft).scalar_one_or_none()) is not None:
            return known
        mine = select(func.count()).where(EdialogSkjema.person_id == actor.person_id, _is_draft())
        if tx.execute(mine).scalar_one() >= rules.MAX_DRAFTS:
            raise ForMange("EDIALOG_FOR_MANGE_UTKAST", grense=rules.MAX_DRAFTS)
        now = clock.now_sql()
        values = {"innhold_kryptert": seal(content), "sensitivt": sensitivt, "opprettet": now, "endret": now}
        new = tx.execute(
            insert(EdialogSkjema).values(**row, **values).returning(EdialogSkjema.id)
        ).scalar_one()
        record_created(new, actor.ref)
        return new


def _wait_for_own(actor: Aktor) -> None:
    """Lock per person until the transaction ends, so that counts stay true."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"edialog|{actor.person_id}", 0))
    session().execute(select(lock))


def _is_draft() -> ColumnElement[bool]:
    return EdialogSkjema.status.in_([str(status) for status in EDITABLE])


def save(skjema_id: UUID, utkast: Utkast, *, sensitivt: bool, versjon: str = "", actor: Aktor) -> None:
    """Save the draft. Making it sensitive needs a login at level 4: IkkeTilgang("HOYERE_NIVA").

    Content that cannot be sent is not saved: UgyldigSkjema. Errors also EDIALOG_ER_SENDT (409), and
    EndretImens when something else has been saved since the `versjon` it was written from. A reply to a level
    4 letter stays at level 4 whatever is asked for, and a title set by the form cannot be changed.
    """
    whole = Endring(utkast.tittel, utkast.melding, utkast.avsender, sensitivt)
    _keep(skjema_id, whole, rules.faults, versjon, actor)


def save_part(skjema_id: UUID, endring: Endring, *, actor: Aktor) -> None:
    """As `save`, but only the changed fields; everything else saved meanwhile stays. Fields may still be
    empty, but not wrong.
    """
    _keep(skjema_id, endring, rules.faults_except_missing, "", actor)


def _keep(skjema_id: UUID, endring: Endring, faults: Fault, versjon: str, actor: Aktor) -> None:
    """Change the locked skjema: concurrent changes come one after the other."""
    with transaction():
        row = access.hold_editable(skjema_id, actor)
        if endring.sensitivt and not access.may_see_sensitive(actor):
            raise IkkeTilgang("HOYERE_NIVA")
        before = unseal(row.innhold_kryptert)
        utkast = _with_form_title(row, endring.changed(before.utkast))
        if found := faults(utkast):
            raise UgyldigSkjema(found)
        asked = row.sensitivt if endring.sensitivt is None else endring.sensitivt
        sensitivt = asked or queries.answers_level4(row.svar_pa_id)
        overtaken = versjon not in ("", content_version(row.innhold_kryptert))
        if overtaken and (utkast, sensitivt) != (before.utkast, row.sensitivt):
            raise EndretImens("EDIALOG_ENDRET_IMENS")
        row.innhold_kryptert, row.endret = seal(replace(before, utkast=utkast)), clock.now()
        row.sensitivt = sensitivt
        reopen_failed(row, actor)


def _with_form_title(row: EdialogSkjema, utkast: Utkast) -> Utkast:
    given = forms.fixed_title(row.skjematype_id)
    return replace(utkast, tittel=given) if given else utkast


def reopen_failed(row: EdialogSkjema, actor: Aktor) -> None:
    """Turn a failed skjema that is corrected into a draft again."""
    session().flush()
    move(
        row.id,
        fra=(Status.INNSENDING_FEILET,),
        til=Status.IKKE_INNSENDT,
        kode="RETTET",
        aktor=actor.ref,
        feilkode=None,
    )


def discard_draft(skjema_id: UUID, *, actor: Aktor) -> None:
    """Delete a draft with its files. Error: EDIALOG_ER_SENDT (409)."""
    with transaction() as tx:
        row = access.hold_editable(skjema_id, actor)
        delete_after_commit(
            tx.scalars(select(EdialogFil.objekt).where(EdialogFil.skjema_id == skjema_id)).all()
        )
        audit.record(actor, DISCARDED, "edialog_skjema", skjema_id)
        tx.delete(row)


def is_discarded(skjema_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the actor has deleted a draft with this id; recognises a double submit."""
    own = select(Audit.id).where(
        Audit.objekt_id == str(skjema_id), Audit.handling == DISCARDED, Audit.aktor == actor.ref
    )
    return session().execute(own.limit(1)).first() is not None


def send(skjema_id: UUID, *, spraak: str, sett: str | None = None, actor: Aktor) -> None:
    """Hand the skjema over for sending; a worker makes the letter. Repeating it changes nothing.

    `sett`: the digest of the review (`looked_over`), None for callers without a review, who know the stored
    mottaker. If that one has changed, the new one is stored and their call is refused; the next call sends to
    it. Errors: UgyldigSkjema, EDIALOG_TAR_IKKE_IMOT (409), EDIALOG_FOR_MANGE_SENDT (429), and EndretImens
    when content or mottaker differ from what was reviewed.
    """
    access.require(skjema_id, actor)
    if not _hand_over(skjema_id, spraak, sett, actor):
        raise EndretImens("EDIALOG_ENDRET_ETTER_SYN")


def _hand_over(skjema_id: UUID, spraak: str, sett: str | None, actor: Aktor) -> bool:
    """Return whether it was handed over. False: draft or mottaker differ from what the caller saw.

    Without a review a changed mottaker is stored then, which outlives the refusal.
    """
    with transaction() as tx:
        _wait_for_own(actor)
        row = access.hold(skjema_id, actor)
        if row.status not in EDITABLE:
            return True
        content = unseal(row.innhold_kryptert)
        if found := rules.faults(content.utkast):
            raise UgyldigSkjema(found)
        stored = content.mottaker
        konto_id, content = _konto_to_bill(row, content)
        if not _goes_where_reviewed(sett, row, stored, content):
            return False
        _require_within_limit(actor)
        moved = move(
            skjema_id,
            fra=EDITABLE,
            til=Status.UNDER_INNSENDING,
            kode="SENDES",
            aktor=actor.ref,
            konto_id=konto_id,
            innhold_kryptert=seal(content),
            spraak="nn" if spraak == "nn" else "nb",
            feilkode=None,
            forsok=0,
            neste_forsok=func.now(),
            innsendt=clock.now_sql(),
            request_id=actor.request_id,
        )
        assert moved, "the row is held"
        organisasjon_id = tx.execute(select(Konto.organisasjon_id).where(Konto.id == konto_id)).scalar_one()
        audit.record(
            actor,
            "EDIALOG_SENDT",
            "edialog_skjema",
            skjema_id,
            organisasjon_id=organisasjon_id,
            tjeneste="SVARUT",
            ressurs_id=konto_id,
            forsendelse=str(rules.letter_id(skjema_id)),
        )
        ring(LANE)
    return True


def _goes_where_reviewed(sett: str | None, row: EdialogSkjema, stored: Mottaker, content: Innhold) -> bool:
    """Return whether it goes to the reviewed mottaker; without a review a changed mottaker is stored for the
    next call.
    """
    if sett is not None:
        return review.matches_review(sett, row, content.mottaker)
    if not review.has_other_identity(stored, content.mottaker):
        return True
    row.innhold_kryptert, row.endret = seal(content), clock.now()
    return False


def _konto_to_bill(row: EdialogSkjema, content: Innhold) -> tuple[UUID, Innhold]:
    """Return the konto to bill, and the content with the mottaker's present facts."""
    if row.mottaker_id is None:
        konto_id = queries.konto_of_letter(row.svar_pa_id)
        if konto_id is None:
            raise Konflikt("EDIALOG_TAR_IKKE_IMOT")
        require_open(konto_id)
        return konto_id, content
    mottaker = queries.mottaker_by_id(row.mottaker_id)
    if mottaker is None:
        raise Konflikt("EDIALOG_TAR_IKKE_IMOT")
    require_open(mottaker.konto_id)
    return mottaker.konto_id, replace(content, mottaker=Mottaker(mottaker.orgnr, mottaker.adresse))


def _require_within_limit(actor: Aktor) -> None:
    lately = select(func.count()).where(
        EdialogSkjema.person_id == actor.person_id,
        EdialogSkjema.innsendt > clock.now() - DAY,
        EdialogSkjema.status.in_([str(Status.UNDER_INNSENDING), str(Status.INNSENDT)]),
    )
    if session().execute(lately).scalar_one() >= rules.MAX_SENT_A_DAY:
        raise ForMange("EDIALOG_FOR_MANGE_SENDT", grense=rules.MAX_SENT_A_DAY)


def delete_old() -> int:
    """Delete drafts untouched for thirty days, and skjemaer sent or failed a year ago, with their files;
    return how many.
    """
    return in_portions(_delete_portion)


def _delete_portion() -> int:
    with transaction() as tx:
        now = clock.now()
        status, endret = EdialogSkjema.status, EdialogSkjema.endret
        old = ((status == Status.IKKE_INNSENDT) & (endret < now - rules.KEPT_DRAFT)) | (
            status.in_([str(one) for one in SUBMITTED]) & (endret < now - rules.KEPT_SENT)
        )
        rows = tx.scalars(
            select(EdialogSkjema).where(old).limit(DELETED_AT_ONCE).with_for_update(skip_locked=True)
        ).all()
        ids = [row.id for row in rows]
        delete_after_commit(tx.scalars(select(EdialogFil.objekt).where(EdialogFil.skjema_id.in_(ids))).all())
        for row in rows:
            tx.delete(row)
        return len(ids)
