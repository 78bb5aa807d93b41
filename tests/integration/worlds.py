"""The world outside as objects with behaviour: registers that know some people, channels that take letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.print.models import Leverandor, Ordre
from fiks.print.rules import Trykksak
from fiks.print.states import Ordrestatus
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Virksomhet,
)
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.paper.address_check import Papirvern
from fiks.svarut.rules import Kanal
from fiks.svarut.signing.client import Art, Signeringsmelding, Signeringsordre
from fiks.utsending.rows.address_protection import mask_row


@dataclass
class FakeRegister:
    """The three registers. `nede` is raised instead of an answer; `spurt` counts the questions.

    `tause`: what one of them raises, by what it is asked for; `vanskelige`: what it raises for a number.
    """

    people: dict[str, Person] = field(default_factory=dict)
    contacts: dict[str, Kontaktinformasjon] = field(default_factory=dict)
    units: dict[str, Virksomhet] = field(default_factory=dict)
    nede: KanalFeil | None = None
    tause: dict[str, KanalFeil] = field(default_factory=dict)
    vanskelige: dict[str, KanalFeil] = field(default_factory=dict)
    spurt: list[str] = field(default_factory=list)

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        self._asked("personer", fnrs)
        return {n: self.people[n] for n in fnrs if n in self.people}

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        self._asked("kontakt", fnrs)
        return {n: self.contacts[n] for n in fnrs if n in self.contacts}

    def virksomheter(self, orgnrs: Sequence[str], /) -> dict[str, Virksomhet]:
        self._asked("virksomheter", orgnrs)
        return {n: self.units[n] for n in orgnrs if n in self.units}

    def _asked(self, what: str, numbers: Sequence[str]) -> None:
        self.spurt.append(what)
        error = self.nede or self.tause.get(what)
        for trouble in (error, *map(self.vanskelige.get, numbers)):
            if trouble is not None:
                raise trouble

    def add_person(
        self,
        fnr: str,
        *,
        postkasse: str | None = None,
        registrert: bool = True,
        reservert: bool = False,
        passiv: bool = False,
        status: Personstatus = Personstatus.BOSATT,
        beskyttelse: Adressebeskyttelse = Adressebeskyttelse.UGRADERT,
    ) -> str:
        """Somebody in Folkeregisteret and (unless `registrert` is False) KRR; returns the number."""
        self.people[fnr] = Person(fnr, "Kari", None, "Fjellstad", status, beskyttelse)
        self.contacts[fnr] = Kontaktinformasjon(fnr, registrert, reservert, passiv, postkasse)
        return fnr

    def add_unit(self, orgnr: str, status: Enhetstatus = Enhetstatus.FUNNET) -> str:
        self.units[orgnr] = Virksomhet(orgnr, "Lillevik Bruk AS", status)
        return orgnr


@dataclass
class FakePort:
    """A channel. `svar` are what the next calls get (an error to raise, or None); afterwards everything is taken.

    `fikk` is what the channel has, by reference: also what it took before an answer that was lost (SVARET_BORTE).
    `under` is done in the middle of every call. `nede`: every call and look-up gets this error.
    """

    kanal: Kanal
    svar: list[KanalFeil | None] = field(default_factory=list)
    fikk: dict[str, list[Brev]] = field(default_factory=dict)
    oppslag: list[str] = field(default_factory=list)
    under: Callable[[str, Brev], None] | None = None
    nede: KanalFeil | None = None

    def send(self, referanse: str, brev: Brev) -> str:
        if self.under is not None:
            self.under(referanse, brev)
        error = self.svar.pop(0) if self.svar else self.nede
        if error is None or error.kode == "SVARET_BORTE":
            self.fikk.setdefault(referanse, []).append(brev)
        if error is not None:
            raise error
        return f"{self.kanal}-{referanse}"

    def lookup(self, referanse: str) -> str | None:
        self.oppslag.append(referanse)
        if self.nede is not None:
            raise self.nede
        return f"{self.kanal}-{referanse}" if referanse in self.fikk else None

    @property
    def antall(self) -> int:
        """How many letters the channel has been given, doubles counted."""
        return sum(len(letters) for letters in self.fikk.values())


@dataclass
class FakeUtskrift:
    """Makes print files: the letter's documents one after the other. `svar` are errors the next ones end in.

    `under` is done in the middle of each; `laget` are the letters that files were made of.
    """

    svar: list[Exception | None] = field(default_factory=list)
    laget: list[Brev] = field(default_factory=list)
    under: Callable[[str, Brev], None] | None = None

    def print_file(self, brev: Brev) -> Trykksak:
        if self.under is not None:
            self.under("", brev)
        error = self.svar.pop(0) if self.svar else None
        if error is not None:
            raise error
        self.laget.append(brev)
        return Trykksak(b"".join(read_checked(d) for d in brev.printed), 1)

    @property
    def antall(self) -> int:
        """How many letters have been ordered on paper from a print house and not called off, doubles counted."""
        return len(self.ordrer())

    def ordrer(self) -> list[UUID]:
        """The letters of those orders."""
        rows = select(Ordre.kilde_id).join(Leverandor, Leverandor.kode == Ordre.leverandor)
        wanted = rows.where(Ordre.status != Ordrestatus.AVBESTILT, ~Leverandor.manuell)
        return list(session().scalars(wanted))


@dataclass
class FakeSigning:
    """The signing service. `svar` are what the next orders get (an error to raise, or None); then all are taken.

    `fikk` is what it has, by reference: also what it took before an answer that was lost. `nede`: everything gets this
    error. `hentet` counts fetched copies; `under` is done in the middle of a fetch.
    """

    svar: list[Exception | None] = field(default_factory=list)
    fikk: dict[str, Signeringsordre] = field(default_factory=dict)
    kall: list[str] = field(default_factory=list)
    meldinger: list[Signeringsmelding] = field(default_factory=list)
    nede: KanalFeil | None = None
    hentet: int = 0
    under: Callable[[], None] | None = None

    def create(self, ordre: Signeringsordre) -> str:
        self._asked("create")
        error = self.svar.pop(0) if self.svar else None
        if not isinstance(error, Avvist | ProvIgjen):
            self.fikk.setdefault(ordre.referanse, ordre)
        if error is not None:
            raise error
        return f"oppdrag-{ordre.referanse}"

    def find(self, referanse: str) -> str | None:
        self._asked("find")
        return f"oppdrag-{referanse}" if referanse in self.fikk else None

    def events(self, after: str | None, limit: int) -> tuple[Sequence[Signeringsmelding], str | None]:
        self._asked("events")
        begin = int(after or 0)
        portion = self.meldinger[begin : begin + limit]
        return portion, str(begin + len(portion))

    def signed(self, referanse: str) -> bytes:
        self._asked("signed")
        self.hentet += 1
        if self.under is not None:
            self.under()
        return self.fikk[referanse].dokument + b"\n% signert\n"

    def tells(self, letter_id: object, art: Art, minutter: int = 0) -> None:
        """The feed gets an entry about this letter's order."""
        moment = datetime(2027, 1, 11, 12, minutter, tzinfo=UTC)
        self.meldinger.append(Signeringsmelding(str(letter_id), art, moment))

    def _asked(self, what: str) -> None:
        self.kall.append(what)
        if self.nede is not None:
            raise self.nede


@dataclass
class World:
    """Registers, the two channels, what makes print files, and the signing service, as one process sees them."""

    register: FakeRegister = field(default_factory=FakeRegister)
    dpi: FakePort = field(default_factory=lambda: FakePort(Kanal.DPI))
    altinn: FakePort = field(default_factory=lambda: FakePort(Kanal.ALTINN))
    print: FakeUtskrift = field(default_factory=FakeUtskrift)
    signering: FakeSigning = field(default_factory=FakeSigning)
    _known: Registers | None = None

    @property
    def registers(self) -> Registers:
        """The registers as this process knows them."""
        if self._known is None or self._known.port is not self.register:
            self._known = Registers(self.register)
        return self._known

    @property
    def verden(self) -> Verden:
        channels = {Kanal.DPI: self.dpi, Kanal.ALTINN: self.altinn}
        return Verden(self.registers, channels, self.print, mask_row)

    @property
    def vern(self) -> Papirvern:
        """What the print room asks of letters."""
        return Papirvern(self.verden.registers, self.verden.skjerm)

    @property
    def antall(self) -> tuple[int, int, int]:
        """Letters received by (DPI, Altinn, print)."""
        return self.dpi.antall, self.altinn.antall, self.print.antall


@dataclass(frozen=True)
class Receipt:
    """A receipt as any channel's feed gives it."""

    referanse: str
    art: str
    tidspunkt: datetime = datetime(2027, 1, 11, 12, tzinfo=UTC)
    melding: str | None = None
    ark: int | None = None
    vekt_gram: int | None = None
    porto_ore: int | None = None
    produksjon_ore: int | None = None


class FakeFeed:
    """A feed of receipts; the marker is how many have been read."""

    def __init__(self, *receipts: Receipt, page: int = 200) -> None:
        self.entries = list(receipts)
        self.page = page

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Receipt], str | None]:
        begin = int(after or 0)
        portion = self.entries[begin : begin + min(limit, self.page)]
        return portion, str(begin + len(portion))
