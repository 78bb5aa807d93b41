"""Factories: a kommune with people in every role, a mailing with finished letters, and a world that takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.crypto.encryption import blind_index
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import KanalFeil
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P
from fiks.konfigurasjon.tilgang.rows import NyTilgang, insert_grants
from fiks.print.rules import Trykksak
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet
from fiks.svarut.delivery.deliver import Verden, deliver
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.letters import Brev
from fiks.svarut.rules import Bane, Kanal
from fiks.utsending.approval import service as approval_service
from fiks.utsending.models import Mal, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.rows.address_protection import mask_row
from fiks.utsending.rules import Art, Radstatus, Utsendingstatus, list_digest
from fiks.utsending.sealed_values import seal_row
from fiks.utsending.sending import feeder
from fiks.utsending.transitions import move, write_history
from tests.integration.houses import make_organisasjon, new_fnr, new_orgnr

ROOT = system("test")
PDF = b"%PDF-1.7 letter of row "
_ROLES = {
    "saksbehandler": (P.SENDE, P.LESE),
    "godkjenner": (P.GODKJENNE, P.LESE),
    "stopper": (P.STOPPE, P.SENDE, P.LESE),
    "leser": (P.LESE,),
    "revisor": (),
    "utenfor": (),
}


@dataclass(frozen=True)
class Kommune:
    """A kommune; `personer` are ids by role, `angrefrist` is its konto's in seconds (None: what all have)."""

    id: UUID
    konto_id: UUID
    personer: dict[str, UUID]
    pid: dict[str, str]
    angrefrist: int | None = 0

    def begins(self) -> date:
        """The day letters begin to leave that are released now: another than today right before midnight."""
        seconds = current().angrefrist_minutter * 60 if self.angrefrist is None else self.angrefrist
        return (clock.now() + timedelta(seconds=seconds)).astimezone(OSLO).date()

    def aktor(self, rolle: str) -> Aktor:
        """Somebody who has just logged in."""
        return Aktor(
            Aktortype.PERSON,
            rolle.capitalize(),
            person_id=self.personer[rolle],
            organisasjon_id=self.id,
            acr=4,
            auth_time=clock.database_now(),
        )


def make_kommune(navn: str = "Lillevik kommune", *, angrefrist: int | None = 0) -> Kommune:
    orgnr = new_orgnr()
    with transaction():
        organisasjon_id = make_organisasjon(navn, orgnr, kommunenr="9901")
        konto_id = konfigurasjon.create_konto(
            organisasjon_id,
            visningsnavn="Eiendomsskatt",
            avsender=f"konto-{orgnr}",
            actor=ROOT,
            angrefrist_sekunder=angrefrist,
        )
        activation.configure(organisasjon_id, "SVARUT", actor=ROOT)
        pids = {rolle: new_fnr() for rolle in _ROLES}
        personer = _make_personer(pids)
        _grant(personer, konto_id, organisasjon_id)
    return Kommune(organisasjon_id, konto_id, personer, pids, angrefrist)


def _make_personer(pids: Mapping[str, str]) -> dict[str, UUID]:
    """The ids by role, of persons who are called what they do."""
    made = service.find_or_create_persons({pid: rolle.capitalize() for rolle, pid in pids.items()})
    return {rolle: made[pid] for rolle, pid in pids.items()}


def _grant(personer: Mapping[str, UUID], konto_id: UUID, organisasjon_id: UUID) -> None:
    """What each role may, by the step that the use cases of granting end in, all at once."""
    konto, organisasjon = (session().get_one(Ressurs, one) for one in (konto_id, organisasjon_id))
    wanted = [(rolle, konto, p) for rolle, rettigheter in _ROLES.items() for p in rettigheter]
    wanted += [("revisor", organisasjon, p) for p in (P.AUDIT_LES, P.ORG_LES)]
    holder = {rolle: Innehaver(Innehavertype.PERSON, person_id) for rolle, person_id in personer.items()}
    insert_grants([NyTilgang(node, holder[rolle], p) for rolle, node, p in wanted], actor=ROOT)


@dataclass
class Postkasser:
    """The world outside: who has a mailbox, and what each channel took. Channels in `nede` refuse everything."""

    postkasse: set[str] = field(default_factory=set)
    altinn: set[str] = field(default_factory=set)
    nede: dict[Kanal, KanalFeil] = field(default_factory=dict)
    sendt: list[tuple[Kanal, UUID]] = field(default_factory=list)

    def world(self) -> Verden:
        channels = {kanal: _Kanal(self, kanal) for kanal in (Kanal.DPI, Kanal.ALTINN)}
        return Verden(Registers(self), channels, _Trykkeri(self), mask_row)

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]:
        return {}

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]:
        return {
            fnr: Kontaktinformasjon(
                fnr,
                registrert=fnr in self.postkasse | self.altinn,
                postkasse="DIGIPOST" if fnr in self.postkasse else None,
            )
            for fnr in fnrs
        }

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        return {}


@dataclass
class _Trykkeri:
    world: Postkasser

    def print_file(self, brev: Brev) -> Trykksak:
        self.world.sendt.append((Kanal.PRINT, brev.id))
        return Trykksak(b"%PDF-1.7 et brev", 1)


@dataclass
class _Kanal:
    world: Postkasser
    kanal: Kanal

    def send(self, referanse: str, brev: Brev) -> str:
        if self.kanal in self.world.nede:
            raise self.world.nede[self.kanal]
        self.world.sendt.append((self.kanal, brev.id))
        return f"{self.kanal}-{referanse}"

    def lookup(self, referanse: str) -> str | None:
        return None


class FakeAltinn:
    """Whom each person may act for: pid to (orgnr, access packages). `feil` is raised instead of an answer."""

    def __init__(self) -> None:
        self.parter: dict[str, list[Altinnpart]] = {}
        self.spurt: list[str] = []
        self.feil: KanalFeil | None = None

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        self.spurt.append(pid)
        if self.feil is not None:
            raise self.feil
        return self.parter.get(pid, [])


@dataclass(frozen=True)
class Mailing:
    """A mailing's id and the personal number of each row, by row number."""

    id: UUID
    fnr: dict[int, str]


def today() -> date:
    return clock.now().astimezone(OSLO).date()


def make_mailing(
    kommune: Kommune,
    rader: int = 10,
    *,
    parkert: int = 0,
    status: Utsendingstatus = Utsendingstatus.TIL_GODKJENNING,
    fnr: Sequence[str] | None = None,
    brevdato: date | None = None,
) -> Mailing:
    """A flettebrev whose letters lie in the store and are hashed, prepared by the saksbehandler; dated for a release
    now."""
    numbers = list(fnr or (new_fnr() for _ in range(rader)))
    maker = kommune.aktor("saksbehandler")
    pieces = current().store.put_segment([PDF + str(n).encode() for n in range(rader)], current().keys)
    with transaction() as tx:
        version = Malversjon(mal_id=_template(kommune), versjon=1, kilde_nb="Hei ((navn))", tittel_nb="Brev")
        tx.add(version)
        tx.flush()
        mailing = Utsending(
            malversjon_id=version.id,
            organisasjon_id=kommune.id,
            konto_id=kommune.konto_id,
            tittel="Eiendomsskatt 2027",
            art=Art.FLETTEBREV,
            brevdato=brevdato or kommune.begins(),
            kunngjoringsdato=today() - timedelta(days=1),
            konteringskode="EISK-2027",
            antall_rader=rader + parkert,
            opprettet_av=maker.person_id,
            klargjort_av=maker.person_id,
            klargjort=clock.database_now(),
        )
        tx.add(mailing)
        tx.flush()
        utsending_id = mailing.id
        for n, (number, piece) in enumerate(zip(numbers, pieces, strict=True)):
            row = _row(utsending_id, n + 2, number, Radstatus.OK)
            row.objekt, row.fra, row.lengde, row.nokkel = piece.objekt, piece.fra, piece.lengde, piece.nokkel
            row.storrelse, row.brev_sha256, row.sider = piece.storrelse, piece.sha256, 2
            tx.add(row)
        for n in range(parkert):
            tx.add(_row(utsending_id, rader + 2 + n, new_fnr(), Radstatus.PARKERT))
        tx.flush()
        hashes = tx.scalars(
            select(Utsendingsrad.rad_hash)
            .where(Utsendingsrad.utsending_id == utsending_id)
            .order_by(Utsendingsrad.radnr)
        )
        mailing.liste_digest = list_digest(hashes)
        tx.flush()
        mailing.innhold_digest = approval_service.compute_digest(utsending_id)
        write_history(utsending_id, fra=None, til=Utsendingstatus.UTKAST, actor=maker, detaljer={})
        if status is not Utsendingstatus.UTKAST:
            tx.execute(update(Utsending).where(Utsending.id == utsending_id).values(status=status))
    return Mailing(utsending_id, {n + 2: number for n, number in enumerate(numbers)})


def _template(kommune: Kommune) -> UUID:
    template = Mal(organisasjon_id=kommune.id, navn="Brev")
    session().add(template)
    session().flush()
    return template.id


def _row(utsending_id: UUID, radnr: int, number: str, status: Radstatus) -> Utsendingsrad:
    values = {
        "fnr": number,
        "navn": f"Mottaker {radnr}",
        "adresselinje1": "Storgata 1",
        "postnr": "4262",
        "poststed": "AVALDSNES",
    }
    sealed, hashed = seal_row(values)
    return Utsendingsrad(
        utsending_id=utsending_id,
        radnr=radnr,
        data_kryptert=sealed,
        rad_hash=hashed,
        mottakertype="PERSON",
        mottaker_indeks=blind_index(current().index_key, "mottaker", number),
        duplikat_indeks=blind_index(current().index_key, "duplikat", number),
        status=status,
        kanal="DPI",
        kanalgrunn="POSTKASSE",
        eksternref=f"=REF+{radnr}",
    )


def release(kommune: Kommune, mailing: Mailing) -> None:
    """Approved by another and released, with no time to regret left."""
    digest = (
        session().execute(select(Utsending.innhold_digest).where(Utsending.id == mailing.id)).scalar_one()
    )
    approval_service.approve(mailing.id, digest, actor=kommune.aktor("godkjenner"))
    approval_service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


def feed(mailing: Mailing, limit: int = 1_000) -> int:
    """Make letters of one portion of this mailing alone."""
    with transaction():
        move(mailing.id, fra=(Utsendingstatus.FRIGITT,), til=Utsendingstatus.SENDES, actor=ROOT)
    return feeder.feed(mailing.id, limit)


def hand_over(owner: Owner, world: Postkasser, times: int = 1_000) -> int:
    """Deliver what is ready in the mass lane, five a time, at most `times` times; returns how many."""
    done = 0
    for _ in range(times):
        claimed = deliver(Bane.MASSE, owner, world.world())
        done += claimed
        if not claimed:
            break
    return done


def send_all(kommune: Kommune, mailing: Mailing, owner: Owner, world: Postkasser) -> None:
    """Release, feed and hand over everything."""
    release(kommune, mailing)
    feed(mailing)
    hand_over(owner, world)
