"""One eiendomsskatt mailing from file to release, by the same use cases as the portal's pages, with two people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.models import Konto
from fiks.utsending import earlier_mailings
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.jobs import queue
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art, Delart, Utsendingstatus
from testmiljo.seed import Seeded, person_name

BLOCK = 1024 * 1024
LONG = 30 * 60


@dataclass(frozen=True, slots=True)
class Valg:
    """How the konto and the mailing are set for a scenario of the data's README."""

    sdp_aktiv: bool = True
    ettersending: bool = False
    kun_digital: bool = False
    angrefrist_sekunder: int | None = None
    """None: as the konto has it."""


def actor(seeded: Seeded, rolle: str) -> Aktor:
    """Somebody of the seeded kommune who has just logged in."""
    person_id = seeded.personer[rolle]
    return Aktor(
        Aktortype.PERSON,
        person_name(person_id),
        person_id=person_id,
        organisasjon_id=seeded.organisasjon_id,
        acr=4,
        auth_time=clock.database_now(),
    )


def set_konto(konto_id: UUID, valg: Valg) -> None:
    """Set the konto as the scenario wants it."""
    with transaction() as tx:
        konto = tx.get_one(Konto, konto_id)
        konto.sdp_aktiv, konto.ettersending_virksomheter = valg.sdp_aktiv, valg.ettersending
        if valg.angrefrist_sekunder is not None:
            konto.angrefrist_sekunder = valg.angrefrist_sekunder


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def prepare(
    seeded: Seeded, liste: Path, valg: Valg, konto: str = "Eiendomsskatt", brevdato: date | None = None
) -> UUID:
    """Begin a mailing of today or `brevdato`, choose the tax note, upload the list; returns its id."""
    maker, konto_id = actor(seeded, "Saksbehandler"), seeded.kontoer[konto]
    set_konto(konto_id, valg)
    today = clock.now().astimezone(OSLO).date()
    fakta = draft_service.Fakta(
        tittel="Eiendomsskatt 2027",
        art=Art.FLETTEBREV,
        brevdato=brevdato or today,
        kunngjoringsdato=today + timedelta(days=7),
        kun_digital=valg.kun_digital,
        konteringskode="EISK-2027",
    )
    utsending_id = draft_service.create_utsending(konto_id, fakta, actor=maker)
    draft_service.choose_template(utsending_id, seeded.mal_eiendomsskatt, actor=maker)
    uploads.upload(utsending_id, "LISTE", liste.name, _blocks(liste), actor=maker)
    return utsending_id


def control_and_produce(seeded: Seeded, utsending_id: UUID) -> None:
    """Accept repairs, park what cannot be sent, override an earlier mailing of the same list, make the letters."""
    maker = actor(seeded, "Saksbehandler")
    confirm.accept_repairs(utsending_id, None, actor=maker)
    try:
        confirm.confirm_control(utsending_id, actor=maker)
    except Konflikt as conflict:
        if conflict.kode == "RADER_MED_FEIL":
            draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=0)
        elif conflict.kode == "SENDT_FOR":
            send_again(utsending_id, "Demoen sender den samme listen en gang til.", maker)
        else:
            raise
        control_and_produce(seeded, utsending_id)
        return
    production_service.start_production(utsending_id, actor=maker)


def send_again(utsending_id: UUID, grunn: str, maker: Aktor) -> None:
    """Give a reason to send all again that was sent before, as somebody who has just seen which mailings it was in."""
    sent = earlier_mailings.find_repeats(utsending_id, actor=maker)
    shown = [t.utsending_id for t in sent.alle] if sent is not None else []
    draft_service.override_sent_before(utsending_id, grunn, tidligere=shown, actor=maker)


def approve_and_release(seeded: Seeded, utsending_id: UUID) -> None:
    """Another person approves what was made; the preparer releases it."""
    digest = (
        session().execute(select(Utsending.innhold_digest).where(Utsending.id == utsending_id)).scalar_one()
    )
    assert digest is not None
    service.approve(utsending_id, digest, actor=actor(seeded, "Godkjenner"))
    service.release(utsending_id, actor=actor(seeded, "Saksbehandler"))


def status(utsending_id: UUID) -> Utsendingstatus:
    """The mailing's status now."""
    session().rollback()
    return Utsendingstatus(
        session().execute(select(Utsending.status).where(Utsending.id == utsending_id)).scalar_one()
    )


def list_state(utsending_id: UUID) -> tuple[str, str | None]:
    """(status, error code) of the uploaded list; LESES until its reader has ended, as for whoever would confirm it."""
    session().rollback()
    row = (
        session()
        .execute(
            select(Opplasting.status, Opplasting.feilkode).where(
                Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE"
            )
        )
        .one()
    )
    if row.status == "LEST" and queue.is_busy(utsending_id, Delart.LES):
        return "LESES", None
    return row.status, row.feilkode


def wait_for(what: str, done: Callable[[], bool], seconds: float = LONG, step: float = 0.1) -> None:
    """Wait until `done`; TimeoutError names what was waited for."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(step)


def rows_in(utsending_id: UUID) -> int:
    """Rows of the mailing's list."""
    return session().execute(select(Utsending.antall_rader).where(Utsending.id == utsending_id)).scalar_one()
