"""One mailing with a world outside, and every step that it, its letters and their hand-overs can take, faults included.

Nothing here waits: that time goes by means that what waits becomes older. `breaches` are those of the ten rules that
must hold after any step, `breaches_at_rest` all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from fiks.core import audit, clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, Konflikt, ProvIgjen, Uavklart
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.pdf import Sammenfletter
from fiks.print.handover import deliver, packing
from fiks.print.handover import recovery as printing
from fiks.print.models import Leverandor, Pakke
from fiks.print.states import Pakkestatus
from fiks.svarut import invariants as letters
from fiks.svarut.delivery import deliver as delivery_deliver
from fiks.svarut.delivery import unknown_outcomes, wakeup
from fiks.svarut.inbox import access
from fiks.svarut.invariants import Brudd
from fiks.svarut.letters import Brev
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.models import Banestatus, Forsendelse, Levering
from fiks.svarut.operations import external_invariants, recovery
from fiks.svarut.operations.external_invariants import Mottatt
from fiks.svarut.receipts import feed as receipts_feed
from fiks.svarut.rules import FINAL, OPEN, Bane, Kanal, Leveringsstatus
from fiks.svarut.sender import actions
from fiks.utsending import invariants
from fiks.utsending.approval import service
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending import feeder
from tests.fault.cut import Cut, CutOff
from tests.fault.frozen import Frozen
from tests.integration.databases import QuickProcess
from tests.integration.houses import new_fnr
from tests.integration.print.orders import HOUSE, FakeHouse, agree
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, release
from tests.integration.worlds import FakeFeed, FakePort, Receipt, World

ERRORS: dict[str, KanalFeil] = {
    "avvist": Avvist("MOTTAKER_UKJENT"),
    "opptatt": ProvIgjen("HTTP_503", after=30.0, throttled=True),
    "ikke nådd": ProvIgjen("IKKE_NAADD"),
    "svaret borte": Uavklart("SVARET_BORTE"),
    "kallet borte": Uavklart("TIDSAVBRUDD"),
}
LONG = timedelta(hours=30)
"""Longer than any wait, quarantine or pause."""
MOST_ROUNDS = 60


@dataclass
class Walk:
    """A mailing that is released, of receivers with a mailbox, in Altinn, and on paper."""

    process: QuickProcess
    rows: int
    world: World = field(default_factory=World)
    house: FakeHouse = field(default_factory=FakeHouse)
    log: list[Mottatt] = field(default_factory=list)
    kommune: Kommune = field(init=False)
    mailing: Mailing = field(init=False)

    def __post_init__(self) -> None:
        agree(brev_per_pakke=1, ventetid_sekunder=0, samlefil=True, pause_til=None, feil_pa_rad=0)
        with transaction() as tx:
            tx.execute(
                update(Kvitteringsmarkor).where(Kvitteringsmarkor.kilde.in_(list(Kanal))).values(markor="0")
            )
        self.feeds = {kanal: FakeFeed() for kanal in (Kanal.DPI, Kanal.ALTINN)}
        people = self.world.register
        numbers = [new_fnr() for _ in range(self.rows)]
        for place, number in enumerate(numbers):
            if place % 3 == 0:
                people.add_person(number, postkasse="DIGIPOST")
            elif place % 3 == 1:
                people.add_person(number)
        for port in self.ports:
            port.under = self._noting(port.kanal)
        self.kommune = make_kommune()
        self.mailing = make_mailing(self.kommune, self.rows, fnr=numbers)
        release(self.kommune, self.mailing)

    @property
    def ports(self) -> tuple[FakePort, FakePort]:
        return self.world.dpi, self.world.altinn

    def _noting(self, kanal: Kanal) -> Callable[[str, Brev], None]:
        """The channel's own log: what it takes, when. What it refuses or never gets is not there."""

        def note(referanse: str, _: Brev) -> None:
            port = self.world.dpi if kanal is Kanal.DPI else self.world.altinn
            error = port.svar[0] if port.svar else None
            if error is None or error.kode == "SVARET_BORTE":
                self.log.append(Mottatt(kanal, referanse, datetime.now(UTC)))

        return note

    # --- steps -------------------------------------------------------------------------------------------------

    def or_die(self, act: Callable[[], object], at: int) -> bool:
        """Do it, or die at its commit number `at` (0: never); whether it died. The owner's lock dies with it."""
        cut = Cut(at if at else 1_000_000)
        try:
            with cut.ready():
                act()
        except CutOff:
            session().rollback()
            self.process.owner.release()
        return cut.hit

    def feed(self) -> None:
        feeder.feed_all()

    def hand_over(self, *answers: str | None) -> None:
        """A claim of the mass lane; each digital call gets the next of these answers (None: taken)."""
        self._answer(answers)
        delivery_deliver.deliver(Bane.MASSE, self.process.owner, self.world.verden, limit=3)

    def freeze(self, *answers: str | None) -> bool:
        """As `hand_over` right after `feed`, by a worker that freezes between its claim and its first call, while the
        sweeper and another worker do their work; whether it had a call to make."""

        def others() -> None:
            self.sweep()
            self.hand_over(*answers)

        self.feed()
        self._answer(answers)
        frozen = Frozen(self.process.owner, others)
        delivery_deliver.deliver(Bane.MASSE, frozen.as_owner, self.world.verden, limit=3)
        return frozen.thawed

    def _answer(self, answers: Sequence[str | None]) -> None:
        said = [ERRORS[answer] if answer else None for answer in answers]
        for port in self.ports:
            port.svar = list(said)

    def print_out(self, answer: str | None = None) -> None:
        """Pack, and hand one package to the print house."""
        self.house.svar = [ERRORS[answer]] if answer else []
        packing.pack_all()
        deliver.deliver(
            self.process.owner, {HOUSE: self.house}, Sammenfletter, lambda: False, self.world.vern
        )

    def sweep(self) -> None:
        """What the sweeper and the incoming lane do again and again."""
        recovery.recover_orphans()
        printing.recover_orphans()
        wakeup.wake_waiting()
        wakeup.wake_when_open()
        printing.wake_waiting()
        unknown_outcomes.resolve_unknown_outcomes(self.world.verden)
        printing.resolve_unknown_outcomes({HOUSE: self.house})
        lesefrist.expire_lesefrist()
        feeder.finish_all()

    def let_time_pass(self, ago: timedelta) -> None:
        with transaction() as tx:
            for column in (Levering.neste_forsok, Pakke.neste_forsok, Banestatus.apnes, Leverandor.pause_til):
                tx.execute(update(column.class_).values({column: column - ago}))
            for kind in (Levering, Pakke):
                since = {"uavklart_siden": kind.uavklart_siden - ago, "sist_oppslag": kind.sist_oppslag - ago}
                tx.execute(update(kind).where(kind.status == "UAVKLART").values(**since))

    def pass_lesefrist(self) -> None:
        clock.move(timedelta(days=10))

    def tell(self, which: int, art: str, copies: int) -> None:
        """A receipt in the feed of the channel that got hand-over number `which`, so many times; it is read at once."""
        if not self.log:
            return
        line = self.log[which % len(self.log)]
        receipt = Receipt(line.referanse, art)
        self.feeds[line.kanal].entries += [receipt] * copies
        receipts_feed.read_feed(line.kanal, self.feeds[line.kanal])

    def read(self, which: int) -> None:
        """A receiver opens their letter."""
        found = session().execute(
            select(Forsendelse.id, Forsendelse.radnr)
            .where(Forsendelse.utsending_id == self.mailing.id)
            .order_by(Forsendelse.radnr)
        )
        made = found.all()
        if not made:
            return
        letter_id, radnr = made[which % len(made)]
        citizen = Aktor(Aktortype.PERSON, "Innbygger")
        pid = self.mailing.fnr[radnr]
        access.mark_read(letter_id, pid=pid, orgnrs=frozenset(), actor=citizen)

    def stop(self) -> None:
        try:
            service.stop(self.mailing.id, actor=self.kommune.aktor("stopper"))
        except Konflikt:
            session().rollback()

    def act_for_people(self) -> None:
        """What waits for a person is sent once more, unless the mailing was stopped."""
        with transaction() as tx:
            waits = update(Pakke).where(Pakke.status == Pakkestatus.TIL_BEHANDLING)
            tx.execute(waits.values(status=Pakkestatus.KLAR, tapte_eiere=0, frie_forsok=Pakke.forsok))
        waiting = select(Levering.id).where(
            Levering.utsending_id == self.mailing.id, Levering.status == Leveringsstatus.TIL_BEHANDLING
        )
        for levering_id in session().scalars(waiting).all():
            actions.retry_failed(levering_id, actor=self.kommune.aktor("saksbehandler"))

    # --- the end -----------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """The faults are over: everybody does what is to be done until nothing is."""
        for _ in range(MOST_ROUNDS):
            self.let_time_pass(LONG)
            self.feed()
            self.hand_over()
            self.print_out()
            self.sweep()
            self.act_for_people()
            if self.at_rest():
                return
        raise AssertionError(f"never at rest: {self.state()}")

    def at_rest(self) -> bool:
        session().rollback()
        status = session().scalar(select(Utsending.status).where(Utsending.id == self.mailing.id))
        mine = Levering.utsending_id == self.mailing.id
        is_open = select(Levering.id).where(mine, Levering.status.in_([str(s) for s in OPEN]))
        packed = select(Pakke.id).where(Pakke.status.in_(["KLAR", "SENDER", "VENTER", "UAVKLART"]))
        fed = status == Utsendingstatus.STOPPET or len(self.letters()) == self.rows
        return fed and session().scalar(is_open) is None and session().scalar(packed) is None

    def letters(self) -> dict[UUID, str]:
        rows = select(Forsendelse.id, Forsendelse.status).where(Forsendelse.utsending_id == self.mailing.id)
        return {row[0]: row[1] for row in session().execute(rows)}

    def state(self) -> str:
        rows = select(Levering.kanal, Levering.status, Levering.feilkode)
        found = session().execute(rows.where(Levering.utsending_id == self.mailing.id)).all()
        return f"{self.letters()}, {found}"

    @property
    def unfinished(self) -> list[str]:
        """Statuses that still wait for somebody outside: a receipt, or a deadline."""
        return [status for status in self.letters().values() if status not in {str(s) for s in FINAL}]

    def _log(self) -> list[Mottatt]:
        printed = [Mottatt(Kanal.PRINT, ref, datetime.now(UTC)) for ref in self.house.referanser]
        return [*self.log, *printed]

    def breaches(self) -> list[Brudd]:
        """I1, I2 and I5-I9, which hold after every step; I3 and I4 are about what stands still for too long."""
        session().rollback()
        mine, log = [self.mailing.id], self._log()
        scope = letters.letters_of(mine)
        return [
            *external_invariants.exactly_once(scope, log),
            *external_invariants.no_unknown_references(log),
            *letters.nothing_vanishes(scope),
            *invariants.rows_add_up(mine),
            *invariants.letters_have_rows(scope),
            *letters.history_is_complete(scope),
            *letters.changes_are_legal(scope),
            *external_invariants.ledger_before_effect(scope, log),
            *external_invariants.nothing_after_stop(scope, log),
            *invariants.nothing_before_release(scope),
            *invariants.approved_is_sent(mine),
            *invariants.acts_are_audited(mine),
        ]

    def breaches_at_rest(self) -> list[Brudd]:
        """All ten. The outside's times are not held against the release: business time has been moved."""
        session().rollback()
        audit.seal()
        none = timedelta(0)
        scope = letters.letters_of([self.mailing.id])
        return [
            *self.breaches(),
            *letters.nothing_dangles(scope, none),
            *letters.claimed_is_owned(scope, none),
            *invariants.audit_is_sealed(),
            *invariants.chain_holds(),
        ]
