"""Moving an order to another print house when the first has certainly not printed it (svarut.md 6.3)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Row, and_, select, update

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import ring, session, transaction
from fiks.core.errors import IkkeFunnet, KanalFeil, Konflikt, UgyldigInndata, Utilgjengelig
from fiks.konfigurasjon.operators import require_root_and_reason
from fiks.print.handover.address_check import Bestilt, Vern
from fiks.print.handover.deliver import Husene
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.service import LANE
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.print.transitions import dissolve, move_orders, move_package

NOT_HANDED_OVER = (Pakkestatus.KLAR, Pakkestatus.VENTER, Pakkestatus.TIL_BEHANDLING)
"""Statuses of a package the house certainly does not have, whatever calls were made for it."""


def move_order(ordre_id: UUID, til: str, *, grunn: str, houses: Husene, vern: Vern, actor: Aktor) -> None:
    """Move an order to another print house; only for operators of the platform, audited.

    Allowed when its house reported FEILET, and, unless the sender prints it itself: while it is in no
    package; when its package has certainly not been handed over (the package is then dissolved); and, if the
    package was handed over or ever in doubt, when the house's list, which is read now, has neither the
    package nor the order. `vern` is asked once more whether it may be printed. If not, the order is called
    off and what it is for awaits a person (Konflikt ORDREN_SKAL_IKKE_TRYKKES); an order that FEILET awaits a
    person already.

    Raises UgyldigInndata GRUNN_MANGLER, LEVERANDOR_UKJENT; IkkeFunnet; Konflikt ORDREN_KAN_VAERE_TRYKT,
    ORDREN_HAR_INGEN_FIL, ORDREN_ER_DER_ALT, ORDREN_HAR_ENDRET_SEG, TRYKKERIET_SVARER_IKKE,
    FOLKEREGISTERET_SVARER_IKKE.
    """
    grunn = require_root_and_reason(actor, grunn)
    row = _read_order(ordre_id)
    _check(row, til)
    if not _is_unprinted(row, houses):
        raise Konflikt("ORDREN_KAN_VAERE_TRYKT")
    if _is_protected(row, vern):
        _call_off(row, vern, grunn, actor)
        raise Konflikt("ORDREN_SKAL_IKKE_TRYKKES")
    with transaction() as tx:
        packed, omgang = row.pakke_id, row.omgang
        if packed is not None and row.status == Ordrestatus.MOTTATT:
            _dissolve_package(row, actor)
            packed, omgang = None, omgang + 1
        _move(row, packed, omgang, til, actor)
        audit.record(
            actor,
            "PRINTORDRE_FLYTTET",
            "printordre",
            ordre_id,
            organisasjon_id=row.organisasjon_id,
            ressurs_id=row.ressurs_id,
            fra=row.leverandor,
            til=til,
            grunn=grunn,
        )
        if not tx.execute(select(Leverandor.manuell).where(Leverandor.kode == til)).scalar_one():
            ring(LANE)


def _read_order(ordre_id: UUID) -> Row[*tuple[object, ...]]:
    row = session().execute(
        select(
            Ordre.id,
            Ordre.kilde_id,
            Ordre.status,
            Ordre.leverandor,
            Ordre.klasse,
            Ordre.pakke_id,
            Ordre.sett_hos_leverandor,
            Ordre.omgang,
            Ordre.objekt,
            Ordre.organisasjon_id,
            Ordre.ressurs_id,
            Leverandor.manuell,
            Pakke.status.label("pakkestatus"),
            Pakke.forsok,
            Pakke.uavklart_siden,
        )
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .outerjoin(Pakke, Pakke.id == Ordre.pakke_id)
        .where(Ordre.id == ordre_id)
    )
    found = row.first()
    session().rollback()
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _check(row: Row[*tuple[object, ...]], til: str) -> None:
    house = (
        session().execute(select(Leverandor.klasser, Leverandor.aktiv).where(Leverandor.kode == til)).first()
    )
    session().rollback()
    if house is None or not house.aktiv or row.klasse not in house.klasser:
        raise UgyldigInndata("LEVERANDOR_UKJENT", felt="til")
    if row.leverandor == til:
        raise Konflikt("ORDREN_ER_DER_ALT")
    if row.status not in (Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT, Ordrestatus.FEILET):
        raise Konflikt("ORDREN_KAN_VAERE_TRYKT")
    if row.objekt is None:
        raise Konflikt("ORDREN_HAR_INGEN_FIL")


def _is_unprinted(row: Row[*tuple[object, ...]], houses: Husene) -> bool:
    """Return whether the order's house has certainly not printed it; asks the house when we do not know.

    Only the sender knows about orders it prints itself, until it reports a failure. An order not handed over
    that stands in the house's list, or one handed over that lies in no package, reached the house by a
    package a restored database has forgotten.
    """
    if row.status == Ordrestatus.FEILET:
        return True
    if row.manuell:
        return False
    if row.status == Ordrestatus.MOTTATT and row.sett_hos_leverandor is not None:
        return False
    if row.pakke_id is None:
        return bool(row.status == Ordrestatus.MOTTATT)
    if row.pakkestatus in NOT_HANDED_OVER:
        return row.uavklart_siden is None or _is_absent(row, houses)
    handed_over = row.status == Ordrestatus.PRODUSERT and row.pakkestatus == Pakkestatus.OVERLEVERT
    return handed_over and _is_absent(row, houses)


def _is_absent(row: Row[*tuple[object, ...]], houses: Husene) -> bool:
    """Return whether the house has neither the package nor, on its list, the order. Asks the house now."""
    house = houses.get(str(row.leverandor))
    if house is None:
        return False
    seen: list[str] = []
    wanted = str(row.id)
    try:
        if house.lookup(str(row.pakke_id)) is not None:
            return False
        house.taken_over(lambda lines: seen.extend(one for one, _ in lines if one == wanted))
    except KanalFeil as error:
        raise Konflikt("TRYKKERIET_SVARER_IKKE", kode_fra=error.kode) from error
    return not seen


def _is_protected(row: Row[*tuple[object, ...]], vern: Vern) -> bool:
    try:
        told = vern.ask([_as_bestilt(row)])
    except (KanalFeil, Utilgjengelig) as error:
        raise Konflikt("FOLKEREGISTERET_SVARER_IKKE", kode_fra=error.kode) from error
    for kode in told.uten_svar.values():
        raise Konflikt("FOLKEREGISTERET_SVARER_IKKE", kode_fra=kode)
    return bool(told.skjermet)


def _as_bestilt(row: Row[*tuple[object, ...]]) -> Bestilt:
    return Bestilt(UUID(str(row.id)), UUID(str(row.kilde_id)))


def _call_off(row: Row[*tuple[object, ...]], vern: Vern, grunn: str, actor: Aktor) -> None:
    """Call off an order that may not be printed and that the house does not have; all of it, or nothing
    changes.

    The audit row belongs to no organisation: a kommune reading its audit log must not learn that a receiver
    is protected.
    """

    def let_go() -> bool:
        if row.status != Ordrestatus.MOTTATT:
            _move(row, row.pakke_id, row.omgang, str(row.leverandor), actor)
        elif row.pakke_id is not None:
            _dissolve_package(row, actor)
        else:
            _hold_unpacked(row)
        audit.record(
            actor,
            "PRINTORDRE_TRUKKET",
            "printordre",
            row.id,
            fra=row.leverandor,
            grunn=grunn,
        )
        ring(LANE)
        return True

    if row.status == Ordrestatus.FEILET:
        return
    with transaction():
        if not vern.call_off([_as_bestilt(row)], let_go):
            raise Konflikt("ORDREN_HAR_ENDRET_SEG")


def _hold_unpacked(row: Row[*tuple[object, ...]]) -> None:
    """Lock an order outside any package, if it is still as it was judged."""
    now = session().execute(
        select(Ordre.status, Ordre.leverandor, Ordre.pakke_id, Ordre.sett_hos_leverandor, Ordre.omgang)
        .where(Ordre.id == row.id)
        .with_for_update()
    )
    if now.one() != (row.status, row.leverandor, None, None, row.omgang):
        raise Konflikt("ORDREN_HAR_ENDRET_SEG")


def _dissolve_package(row: Row[*tuple[object, ...]], actor: Aktor) -> None:
    """Dissolve the package if it is still as it was judged; its other orders are packed again."""
    now = session().execute(
        select(Pakke.status, Pakke.forsok).where(Pakke.id == row.pakke_id).with_for_update()
    )
    if now.one() != (row.pakkestatus, row.forsok):
        raise Konflikt("ORDREN_HAR_ENDRET_SEG")
    pakke_id = UUID(str(row.pakke_id))
    move_package(pakke_id, fra=Pakkestatus(str(row.pakkestatus)), til=Pakkestatus.OPPLOST, feilkode="FLYTTET")
    dissolve(pakke_id, (), kode="FLYTTET", aktor=actor.ref)


def _move(row: Row[*tuple[object, ...]], packed: object, omgang: int, til: str, actor: Aktor) -> None:
    """Move the order if it is as it was judged, still has its file, and is in round `omgang` and package
    `packed`; otherwise Konflikt.

    An order its house has listed since, while Folkeregisteret was asked, may be printed there and is not
    moved.
    """
    as_judged = and_(
        Ordre.id == row.id,
        Ordre.leverandor == row.leverandor,
        Ordre.omgang == omgang,
        Ordre.pakke_id.is_not_distinct_from(packed),
        Ordre.sett_hos_leverandor.is_not_distinct_from(row.sett_hos_leverandor),
        Ordre.objekt.is_not(None),
    )
    fresh = {
        "leverandor": til,
        "pakke_id": None,
        "omgang": Ordre.omgang + 1,
        "overlevert": None,
        "feilkode": None,
    }
    if row.status == Ordrestatus.MOTTATT:
        changed = update(Ordre).where(as_judged, Ordre.status == Ordrestatus.MOTTATT)
        moved = session().scalars(changed.values(leverandor=til).returning(Ordre.id)).all()
    else:
        moved = move_orders(
            as_judged,
            fra=(Ordrestatus(str(row.status)),),
            til=Ordrestatus.MOTTATT,
            kode="FLYTTET",
            aktor=actor.ref,
            sett_hos_leverandor=None,
            **fresh,  # type: ignore[arg-type]
        )
    if not moved:
        raise Konflikt("ORDREN_HAR_ENDRET_SEG")
