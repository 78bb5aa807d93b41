"""A konto's sending set-up (svarut.md 1.1), part by part: cover sheet, Altinn, digital mailboxes, paper,
retention.

Each part is changed by administrators of the konto. The audit names the changed fields, never their values.
Two parts that protect against fraud and mistakes are changed in `konto.safeguards`.

`vist` is the form mark of what the page showed (`stale_form`), None for callers without a page: data changed
by somebody else since then is never overwritten; the answer is OPPLYSNINGER_ENDRET (409).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARUT
from fiks.konfigurasjon.field_rules import check
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.konto.rules import (
    Altinnoppsett,
    Angrefristoppsett,
    Bankkonto,
    Forside,
    Lagringsoppsett,
    Postkasseoppsett,
    Printleverandor,
    Printoppsett,
)
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.organisasjon.queries import invoice_of, is_orgnr_of_another
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import require_not_stale


@dataclass(frozen=True, slots=True)
class Oppsett:
    """Every part of a konto's set-up as now in force. `avvikende_forside`: the cover sheet is not the
    organisation's own.
    """

    forside: Forside
    avvikende_forside: bool
    altinn: Altinnoppsett
    sdp: Postkasseoppsett
    print: Printoppsett
    lagring: Lagringsoppsett
    angrefrist: Angrefristoppsett
    bankkonto: Bankkonto


def kontooppsett(konto_id: UUID) -> Oppsett:
    """Return the set-up in force; what the konto has not set itself comes from its organisation. IkkeFunnet
    for an unknown konto.

    Access is checked beforehand.
    """
    found = (
        session()
        .execute(
            select(Konto, Organisasjon, Kontooppsett)
            .join(Organisasjon, Organisasjon.id == Konto.organisasjon_id)
            .outerjoin(Kontooppsett, Kontooppsett.konto_id == Konto.id)
            .where(Konto.id == konto_id)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    konto, org, own = found
    said = own or _default_setup(konto_id)
    return Oppsett(
        forside=_forside(said, org),
        avvikende_forside=said.forside_orgnr is not None,
        altinn=Altinnoppsett(
            said.altinn_aktiv, konto.altinn_avsendertekst or "", said.altinn_ekstratekst or ""
        ),
        sdp=Postkasseoppsett(
            konto.sdp_aktiv,
            said.sdp_orgnr or org.orgnr,
            said.sdp_avsendernavn or "",
            said.sdp_id or "",
            said.sdp_ekstratekst or "",
            konto.send_med_dokumenter,
            said.sdp_signering,
        ),
        print=Printoppsett(konto.printleverandor, konto.ettersending_virksomheter),
        lagring=Lagringsoppsett(str(konto.lagringsdager), said.epost or ""),
        angrefrist=angrefrist_in_minutes(konto.angrefrist_sekunder),
        bankkonto=Bankkonto(konto.kontonummer or ""),
    )


def angrefrist_in_minutes(sekunder: int | None) -> Angrefristoppsett:
    """Convert a konto's own angrefrist from seconds to whole minutes, rounded up, as it is set and shown
    everywhere.
    """
    return Angrefristoppsett("" if sekunder is None else str(-(-sekunder // 60)))


def _default_setup(konto_id: UUID) -> Kontooppsett:
    """Return the default set-up of a konto that has none stored."""
    return Kontooppsett(konto_id=konto_id, altinn_aktiv=True, sdp_signering=False)


def _forside(said: Kontooppsett, org: Organisasjon) -> Forside:
    """Return the konto's own cover-sheet sender as a whole, or else the organisation's: never a mixture of
    two addresses.
    """
    if said.forside_orgnr is None:
        return replace(_organisation_forside(org), tekst=said.forside_tekst or "")
    return Forside(
        said.forside_orgnr,
        said.forside_navn or "",
        said.forside_adresselinje1 or "",
        said.forside_postnr or "",
        said.forside_poststed or "",
        said.forside_adresselinje2 or "",
        said.forside_adresselinje3 or "",
        said.forside_tekst or "",
    )


def _organisation_forside(org: Organisasjon) -> Forside:
    return Forside(org.orgnr, org.navn, org.adresselinje1, org.postnr, org.poststed)


def set_forside(konto_id: UUID, forside: Forside, *, vist: str | None = None, actor: Aktor) -> None:
    """Change the sender on the cover sheet; needs ADMIN on the konto.

    Receivers see the orgnr and replies go to it, so it must not belong to another organisation on the
    platform. Errors: those of `Forside`, FORSIDE_ORGNR_ANDRES (422).

    A sender equal to the organisation itself is not stored with the konto, so that it follows when the
    organisation moves.
    """
    queries.require(actor, P.ADMIN, konto_id)
    check(forside)
    with transaction():
        konto = _lock_konto(konto_id)
        require_not_stale(vist, asdict(kontooppsett(konto_id).forside), asdict(forside))
        own = _organisation_forside(queries.organisasjon(konto.organisasjon_id))
        if is_orgnr_of_another(forside.orgnr, konto.organisasjon_id):
            raise UgyldigInndata("FORSIDE_ORGNR_ANDRES", felt="orgnr")
        is_own = replace(forside, tekst="") == own
        sender = {
            f"forside_{name}": None if is_own else value or None
            for name, value in asdict(forside).items()
            if name != "tekst"
        }
        _save_changes(konto, {}, sender | {"forside_tekst": forside.tekst or None}, actor)


def set_altinn(konto_id: UUID, altinn: Altinnoppsett, *, vist: str | None = None, actor: Aktor) -> None:
    """Change the message in Altinn; needs ADMIN on the konto."""
    queries.require(actor, P.ADMIN, konto_id)
    check(altinn)
    own = {"altinn_aktiv": altinn.aktiv, "altinn_ekstratekst": altinn.ekstratekst or None}
    with transaction():
        konto = _lock_konto(konto_id)
        require_not_stale(vist, asdict(kontooppsett(konto_id).altinn), asdict(altinn))
        _save_changes(konto, {"altinn_avsendertekst": altinn.avsendertekst or None}, own, actor)


def set_sdp(konto_id: UUID, sdp: Postkasseoppsett, *, vist: str | None = None, actor: Aktor) -> None:
    """Change how digital mailboxes are used; needs ADMIN on the konto.

    Errors: those of `Postkasseoppsett`, SDP_HOVEDORGNR (422) for another orgnr than the organisation's,
    SIGNERING_UTEN_TJENESTE (422) when no signing service is configured.
    """
    queries.require(actor, P.ADMIN, konto_id)
    check(sdp)
    if sdp.signering and not current().signing:
        raise UgyldigInndata("SIGNERING_UTEN_TJENESTE", felt="signering")
    own: dict[str, object] = {
        "sdp_orgnr": sdp.orgnr or None,
        "sdp_avsendernavn": sdp.avsendernavn or None,
        "sdp_id": sdp.sdp_id or None,
        "sdp_ekstratekst": sdp.ekstratekst or None,
        "sdp_signering": sdp.signering,
    }
    with transaction():
        konto = _lock_konto(konto_id)
        require_not_stale(vist, asdict(kontooppsett(konto_id).sdp), asdict(sdp))
        org = queries.organisasjon(konto.organisasjon_id)
        if sdp.orgnr not in ("", org.orgnr):
            raise UgyldigInndata("SDP_HOVEDORGNR", felt="orgnr", orgnr=org.orgnr)
        _save_changes(konto, {"sdp_aktiv": sdp.aktiv, "send_med_dokumenter": sdp.med_dokumenter}, own, actor)


def set_print(konto_id: UUID, utskrift: Printoppsett, *, vist: str | None = None, actor: Aktor) -> None:
    """Change who prints, and whether unread letters are sent on paper; needs ADMIN on the konto.

    Error: FAKTURA_MANGLER_FOR_PRINT (422): the print house requires an invoice address.
    """
    queries.require(actor, P.ADMIN, konto_id)
    check(utskrift)
    with transaction():
        konto = _lock_konto(konto_id)
        require_not_stale(vist, asdict(kontooppsett(konto_id).print), asdict(utskrift))
        if (
            utskrift.leverandor == Printleverandor.GRAFISK_DIGITAL
            and invoice_of(konto.organisasjon_id) is None
        ):
            raise UgyldigInndata("FAKTURA_MANGLER_FOR_PRINT", felt="leverandor")
        columns: dict[str, object] = {
            "printleverandor": utskrift.leverandor,
            "ettersending_virksomheter": utskrift.ettersending,
        }
        _save_changes(konto, columns, {}, actor)


def set_lagring(konto_id: UUID, lagring: Lagringsoppsett, *, vist: str | None = None, actor: Aktor) -> None:
    """Change how long documents are kept, and the konto's contact address; needs ADMIN on the konto."""
    queries.require(actor, P.ADMIN, konto_id)
    check(lagring)
    with transaction():
        konto = _lock_konto(konto_id)
        require_not_stale(vist, asdict(kontooppsett(konto_id).lagring), asdict(lagring))
        _save_changes(konto, {"lagringsdager": int(lagring.dager)}, {"epost": lagring.epost or None}, actor)


def follow_organisation(
    organisasjon_id: UUID, navn: tuple[str, str], orgnr: tuple[str, str], *, actor: Aktor
) -> None:
    """Update the kontoer's copies of the organisation's name and number when these change: (before, after) of
    each.

    A step inside a transaction. Only copies that match word for word are updated; texts of the konto's own
    stay.
    """
    own = select(Kontooppsett).join(Konto, Konto.id == Kontooppsett.konto_id).order_by(Konto.id)
    rows = session().scalars(own.where(Konto.organisasjon_id == organisasjon_id).with_for_update())
    for row in rows.all():
        said: dict[str, object] = {
            name: new
            for names, (old, new) in ((_NAMES, navn), (_NUMBERS, orgnr))
            for name in names
            if getattr(row, name) == old
        }
        _save_changes(session().get_one(Konto, row.konto_id), {}, said, actor)


_NAMES = ("forside_navn", "sdp_avsendernavn")
_NUMBERS = ("forside_orgnr", "sdp_orgnr")


def _lock_konto(konto_id: UUID) -> Konto:
    """Lock the konto until the transaction ends, so that changes of its set-up are serialised."""
    konto = session().get(Konto, konto_id, with_for_update=True, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def _save_changes(
    konto: Konto, columns: Mapping[str, object], own: Mapping[str, object], actor: Aktor
) -> None:
    """Set the columns that differ on the konto and its set-up, and audit their names; nothing when none
    differ.
    """
    tx = session()
    row = tx.get(Kontooppsett, konto.id) or _default_setup(konto.id)
    changed = [name for name, value in columns.items() if getattr(konto, name) != value]
    changed_own = [name for name, value in own.items() if getattr(row, name) != value]
    for name in changed:
        setattr(konto, name, columns[name])
    for name in changed_own:
        setattr(row, name, own[name])
    if changed_own:
        row.endret = func.now()
        tx.add(row)
    if changed or changed_own:
        audit.record(
            actor,
            "KONTO_OPPSETT_ENDRET",
            "konto",
            konto.id,
            organisasjon_id=konto.organisasjon_id,
            tjeneste=SVARUT,
            ressurs_id=konto.id,
            felter=", ".join(sorted(changed + changed_own)),
        )
