"""Factories of orders, a print house as an object with behaviour, and what tests look up about both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from fiks.core import environment
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import KanalFeil
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print.handover import deliver as handover_deliver
from fiks.print.handover import packing, recovery
from fiks.print.handover.address_check import Bestilt, Papirsvar, Vern
from fiks.print.models import Leverandor, Ordre, Ordrehendelse, Pakke
from fiks.print.rules import Overtatt, Printkvittering, Printpakke, Trykksak
from fiks.print.service import Bestilling, call_off, place_order
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus

HOUSE = "GRAFISK_DIGITAL"
AT = datetime(2027, 1, 11, 12, tzinfo=UTC)


@dataclass
class FakeHouse:
    """A print house. `svar` are what the next calls get (an error to raise, or None); afterwards all are taken.

    `fikk` is what it has, by package name: also what it took before an answer that was lost (SVARET_BORTE). `under` is
    done in the middle of every call. `nede` is what every look-up ends in.
    """

    svar: list[KanalFeil | None] = field(default_factory=list)
    fikk: dict[str, list[Printpakke]] = field(default_factory=dict)
    innhold: dict[str, list[bytes]] = field(default_factory=dict)
    kvitteringer: list[Printkvittering] = field(default_factory=list)
    oppslag: list[str] = field(default_factory=list)
    under: Callable[[Printpakke], object] | None = None
    nede: KanalFeil | None = None

    def send(self, pakke: Printpakke) -> str:
        files = [b"".join(fil.chunks()) for fil in pakke.filer]
        if self.under is not None:
            self.under(pakke)
        error = self.svar.pop(0) if self.svar else None
        if error is None or error.kode == "SVARET_BORTE":
            self.fikk.setdefault(pakke.navn, []).append(pakke)
            self.innhold[pakke.navn] = files
        if error is not None:
            raise error
        return f"{pakke.navn}.zip"

    def lookup(self, navn: str) -> str | None:
        self.oppslag.append(navn)
        if self.nede is not None:
            raise self.nede
        return f"{navn}.zip" if navn in self.fikk else None

    def lookup_many(self, navn: Collection[str]) -> dict[str, str]:
        found = {one: self.lookup(one) for one in navn}
        return {one: ref for one, ref in found.items() if ref is not None}

    def receipts(self, after: str | None, limit: int) -> tuple[list[Printkvittering], str | None]:
        begin = int(after or 0)
        portion = self.kvitteringer[begin : begin + limit]
        return portion, str(begin + len(portion))

    def taken_over(self, use: Callable[[Sequence[Overtatt]], None]) -> None:
        use(self.linjer)

    @property
    def linjer(self) -> list[Overtatt]:
        """Its list of what it took over."""
        return [Overtatt(one, navn) for navn in self.fikk for one in self.orders_in(navn)]

    def waiting(self) -> list[str]:
        listed = {line.referanse for line in self.linjer}
        return [navn for navn in self.fikk if not listed.issuperset(self.orders_in(navn))]

    def orders_in(self, navn: str) -> list[str]:
        return [order.referanse for pakke in self.fikk[navn] for order in pakke.ordrer]

    @property
    def referanser(self) -> list[str]:
        """The references it has been given, doubles counted."""
        return [order.referanse for packages in self.fikk.values() for p in packages for order in p.ordrer]


@dataclass
class FakeVern:
    """Who ordered. `skjermet` may not be printed, of `uten_svar` nothing is said, `nede` is raised for an answer.

    `spurt` are the orders of each question; `under` is done before each answer.
    """

    skjermet: set[UUID] = field(default_factory=set)
    uten_svar: Mapping[UUID, str] = field(default_factory=dict)
    nede: Exception | None = None
    spurt: list[list[UUID]] = field(default_factory=list)
    under: Callable[[], object] | None = None

    def ask(self, ordrer: Sequence[Bestilt], /) -> Papirsvar:
        asked = [one.referanse for one in ordrer]
        self.spurt.append(asked)
        if self.under is not None:
            self.under()
        if self.nede is not None:
            raise self.nede
        return Papirsvar(
            frozenset(self.skjermet.intersection(asked)),
            {one: kode for one, kode in self.uten_svar.items() if one in asked},
        )

    def call_off(self, ordrer: Sequence[Bestilt], let_go: Callable[[], bool], /) -> list[UUID]:
        with transaction():
            if not let_go():
                return []
            return call_off([one.referanse for one in ordrer], kode="PROVE", aktor="test")

    call_off_unanswered = call_off


def make_order(hus: Hus, *, pdf: bytes = b"", sider: int = 1, **changes: Any) -> UUID:
    """An order that waits to be packed."""
    content = pdf or tiny_pdf([str(uuid4())])
    env = current()
    referanse = changes.pop("referanse", None) or uuid4()
    facts: dict[str, Any] = {
        "kilde": "PROVE",
        "kilde_id": uuid4(),
        "leverandor": HOUSE,
        "konteringskode": None,
        "tosidig": False,
        "farger": False,
        "sone": "NORGE",
    }
    order = Bestilling(
        referanse=referanse,
        organisasjon_id=hus.organisasjon_id,
        ressurs_id=hus.konto_id,
        sak=Trykksak(content, sider),
        lagret=env.store.put_document([content], env.keys),
        **facts | changes,
    )
    with transaction():
        place_order(order, aktor="test")
    return referanse


@contextmanager
def reaching(*houses: str) -> Iterator[None]:
    """The settings of this process have an address of these print houses, and of no others."""
    before = current()
    environment.install(replace(before, print_houses=frozenset(houses)))
    try:
        yield
    finally:
        environment.install(before)


def agree(**terms: object) -> None:
    """Change the agreement with the print house."""
    with transaction() as tx:
        tx.execute(update(Leverandor).where(Leverandor.kode == HOUSE).values(**terms))


def deliver(
    owner: Owner, house: FakeHouse, merger: Sammenfletter | None = None, vern: Vern | None = None
) -> int:
    """Pack, and hand over until nothing is ready; returns how many packages were claimed."""
    packing.pack_all()
    done = 0
    asked = vern or FakeVern()
    while handover_deliver.deliver(
        owner, {HOUSE: house}, lambda: merger or Sammenfletter(), lambda: False, asked
    ):
        done += 1
    return done


def order(referanse: UUID) -> Ordre:
    """The order as it is now."""
    return session().get_one(Ordre, referanse, populate_existing=True)


def packages() -> list[Pakke]:
    """Every package as it is now, oldest first."""
    rows = select(Pakke).order_by(Pakke.opprettet, Pakke.id).execution_options(populate_existing=True)
    return list(session().scalars(rows))


def steps(referanse: UUID) -> list[str]:
    """The statuses the order has had, in order."""
    rows = select(Ordrehendelse.til).where(Ordrehendelse.ordre_id == referanse)
    return list(session().scalars(rows.order_by(Ordrehendelse.lopenr)))


def orders_of(letter_id: UUID) -> list[tuple[str, str]]:
    """(house, status) of every order of a letter, oldest first."""
    rows = select(Ordre.leverandor, Ordre.status).where(Ordre.kilde_id == letter_id)
    return [tuple(row) for row in session().execute(rows.order_by(Ordre.opprettet))]


def receipt_of(referanse: UUID | str, art: str = "PRINTET", melding: str | None = None) -> Printkvittering:
    return Printkvittering(str(referanse), art, AT, 1, 12, 2700, 312, melding)


def let_wait_pass() -> None:
    """As if the time that packages must wait, and every pause, had gone by."""
    with transaction() as tx:
        tx.execute(update(Pakke).where(Pakke.status == "VENTER").values(neste_forsok=func.now()))
        tx.execute(update(Leverandor).values(pause_til=None))
    recovery.wake_waiting()


def let_lookup_gap_pass(*, quarantine: bool = False) -> None:
    """As if a minute, or the whole quarantine, had gone by since the outcomes became unknown."""
    ago = timedelta(seconds=current().karantene_sekunder) if quarantine else timedelta(seconds=61)
    with transaction() as tx:
        tx.execute(
            update(Pakke)
            .where(Pakke.status == "UAVKLART")
            .values(
                uavklart_siden=Pakke.uavklart_siden - ago,
                sist_oppslag=Pakke.sist_oppslag - timedelta(seconds=61),
            )
        )
