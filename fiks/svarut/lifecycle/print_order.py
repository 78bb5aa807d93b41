"""A letter's print order; the order's reference is the id of the letter's levering.

Everything is in the present transaction, with the letter and its leveringer locked by the caller; orders are
locked after them, everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, Select, and_, any_, case, func, literal, or_, select, update

from fiks.core import clock
from fiks.core.db import session, uuid_array
from fiks.core.errors import Avvist, Konflikt
from fiks.core.storage.store import Lagret
from fiks.core.values.address import postal_zone
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.print import print_houses
from fiks.print import rules as printing
from fiks.print.rules import Konfidensialitetsklasse, Trykksak
from fiks.print.service import (
    Bestilling,
    call_off,
    forget_files,
    give_up_orders,
    lock_and_select_maybe_printed,
    orders_in_open_package,
    revived_orders,
)
from fiks.svarut.history import remark
from fiks.svarut.letters import Brev
from fiks.svarut.models import Forsendelse, Hendelse, Levering, Leveringsforsok
from fiks.svarut.rules import Kanal, Leveringsstatus

KILDE = "SVARUT"
READ_REMARKS = ("LEST", "LEST_EKSTERNT", "KVITTERT", "MOTTATT_MANUELT")
"""Event codes of a reading that does not make the letter LEST."""


def class_of(brev: Brev) -> Konfidensialitetsklasse:
    """The confidentiality class that decides who may print the letter: restricted for level 4 and a duty of
    secrecy.
    """
    secret = brev.sikkerhetsniva == Sikkerhetsniva.HOYESTE or brev.taushetsbelagt
    return Konfidensialitetsklasse.UNNTATT_OFFENTLIGHETEN if secret else Konfidensialitetsklasse.NORMAL


def house_of(brev: Brev) -> str:
    """The code of the letter's printer: its sender (manual print) if the konto says so, else the house of its
    class.

    Konflikt INGEN_TAR_KLASSEN when no print house serves the class.
    """
    if brev.printleverandor == Printleverandor.MANUELL_PRINT:
        return brev.printleverandor
    house = print_houses.house_for_class(class_of(brev))
    if house is None:
        raise Konflikt("INGEN_TAR_KLASSEN")
    return house.kode


def order_of(levering_id: UUID, brev: Brev, leverandor: str, sak: Trykksak, lagret: Lagret) -> Bestilling:
    """The order of a letter from `leverandor`: its stored print file and how it is to be printed."""
    return Bestilling(
        referanse=levering_id,
        kilde=KILDE,
        kilde_id=brev.id,
        organisasjon_id=brev.organisasjon_id,
        ressurs_id=brev.konto_id,
        leverandor=leverandor,
        konteringskode=brev.konteringskode,
        tosidig=brev.tosidig,
        farger=brev.farger,
        sone=postal_zone(brev.mottaker.adresse.land),
        sak=sak,
        lagret=lagret,
        klasse=class_of(brev),
    )


def require_printable(brev: Brev, sak: Trykksak) -> None:
    """Raise Avvist when the letter can never be printed as it is."""
    refusal = printing.refusal(
        sider=sak.sider,
        giroark=sak.giroark,
        konteringskode=brev.konteringskode,
        sone=postal_zone(brev.mottaker.adresse.land),
    )
    if refusal is not None:
        raise Avvist(refusal)


def cancel_print(forsendelse_id: UUID, *, kode: str, aktor: str) -> None:
    """Cancel the letter's printing: call its order off, or remark that it is printed anyway.

    An order that a print house gave up is not moved to another house either.
    """
    orders = [row.id for row in _orders([forsendelse_id])]
    if orders and not call_off(orders, kode=kode, aktor=aktor) and orders_in_open_package(orders):
        remark(forsendelse_id, "PRINTES_LIKEVEL", aktor=aktor)
    give_up_orders(orders)


def call_off_prints(ids: Sequence[UUID], *, kode: str, aktor: str) -> list[UUID]:
    """Call off what can be called off of these letters' orders; return the letters certainly not on paper."""
    call_off([row.id for row in _orders(ids)], kode=kode, aktor=aktor)
    return unprinted_letters(ids)


def unprinted_letters(ids: Sequence[UUID]) -> list[UUID]:
    """The letters among these of which nothing is, was or may have been printed."""
    orders = _orders(ids)
    printed = lock_and_select_maybe_printed([row.id for row in orders]) if orders else set()
    on_paper = {row.forsendelse_id for row in orders if row.id in printed}
    return [one for one in ids if one not in on_paper]


def is_with_another_house(forsendelse_id: UUID) -> bool:
    """Whether an order that one print house gave up is at another now, or was printed after all: it is not
    ordered again.
    """
    orders = [row.id for row in _orders([forsendelse_id])]
    return bool(orders and revived_orders(orders))


def give_up_earlier(forsendelse_id: UUID, levering_id: UUID) -> None:
    """The letter has a new order, of this levering: its earlier, given-up orders are not moved to another
    house.
    """
    give_up_orders([row.id for row in _orders([forsendelse_id]) if row.id != levering_id])


def settle_without_paper(ids: Sequence[UUID], *, but_for: Kanal | None = None) -> None:
    """Set channel and hand-over time of closed letters that are not on paper to whoever has them: a channel,
    a reader, nobody.

    So that no unsent letter counts as sent. Letters on paper are left as they are; the print files of the
    others are deleted, and orders given up by a house are not moved. `but_for`: a channel that has just
    failed.
    """
    ids = unprinted_letters(ids)
    forget_files([row.id for row in _orders(ids)])
    has_it = _holding_levering().where(Levering.kanal != but_for) if but_for else _holding_levering()
    since = select(func.max(Leveringsforsok.avsluttet)).where(
        Leveringsforsok.levering_id.in_(has_it.with_only_columns(Levering.id))
    )
    handed = func.coalesce(since.correlate(Forsendelse).scalar_subquery(), Forsendelse.overlevert)
    session().execute(
        update(Forsendelse)
        .where(Forsendelse.id == any_(uuid_array(ids)))
        .values(
            kanal=has_it.with_only_columns(func.max(Levering.kanal)).scalar_subquery(),
            overlevert=case(
                (has_it.exists(), handed),
                (_read_remark().exists(), func.coalesce(Forsendelse.overlevert, clock.now_sql())),
            ),
        )
        .execution_options(synchronize_session=False)
    )


def _read_remark() -> Select[int]:
    """SQL: the remark that the receiver read the letter after it was closed."""
    return (
        select(Hendelse.lopenr)
        .where(
            Hendelse.forsendelse_id == Forsendelse.id,
            Hendelse.art == "MERKNAD",
            Hendelse.kode.in_(READ_REMARKS),
        )
        .correlate(Forsendelse)
    )


def _holding_levering() -> Select[UUID]:
    """SQL: the levering by which somebody has the letter without paper: accepted, and not reported as failed."""
    failed = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id,
        or_(
            Hendelse.kode == literal("FEILET_").concat(Levering.kanal),
            and_(Levering.kanal == Kanal.SVARINN, Hendelse.kode == "SENDT_TILBAKE_MANUELT"),
        ),
    )
    return (
        select(Levering.id)
        .where(
            Levering.forsendelse_id == Forsendelse.id,
            Levering.kanal != Kanal.PRINT,
            Levering.status == Leveringsstatus.OVERLEVERT,
            ~failed.correlate(Forsendelse, Levering).exists(),
        )
        .correlate(Forsendelse)
    )


def erase_print(forsendelse_id: UUID, *, kode: str, aktor: str) -> None:
    """Call off the deleted letter's printing and delete its print file.

    Konflikt BREVET_SENDES_NA while it lies in a package that is on its way to the print house.
    """
    orders = [row.id for row in _orders([forsendelse_id])]
    call_off(orders, kode=kode, aktor=aktor)
    if orders_in_open_package(orders):
        raise Konflikt("BREVET_SENDES_NA")
    forget_files(orders)


def _orders(ids: Sequence[UUID]) -> Sequence[Row[UUID, UUID]]:
    """The ids of these letters' print orders, each with its letter."""
    handed = select(Levering.id, Levering.forsendelse_id).where(
        Levering.forsendelse_id == any_(uuid_array(ids)),
        Levering.kanal == Kanal.PRINT,
        Levering.status == Leveringsstatus.OVERLEVERT,
    )
    return session().execute(handed).all()
