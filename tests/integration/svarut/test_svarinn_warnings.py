"""Who looks after a mottakersystem hears of letters that are not fetched, and of a certificate that runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.calendar import OSLO
from fiks.epost import service as epost
from fiks.epost.client import SmtpClient
from fiks.svarinn import credentials, expiry
from fiks.svarinn import service as svarinn
from fiks.svarinn.models import Mottakersystem
from fiks.svarinn.rules import Systemfakta
from fiks.svarut.models import SvarinnMottak
from fiks.svarut.svarinn import acknowledgement, reminders
from testmiljo.mail_server import MailServer
from tests.integration.houses import HOUSE, Hus, new_fnr, new_orgnr
from tests.integration.svarut.letters import hand_over, make_letter
from tests.integration.systems import System, certified, make_system, nobody
from tests.integration.worlds import World

TO = "postmottak@havvik.example"
ORGNR, NUMBER = new_orgnr(), new_fnr()


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer().start()
    yield made
    made.stop()


@pytest.fixture
def told(server: MailServer) -> Told:
    return Told(server)


class Told:
    """What has come to the addresses, subject by subject."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.client = SmtpClient(server.url, "fiks@ks.test", seconds=5)

    def __call__(self) -> list[str]:
        while epost.send_next(self.client):
            pass
        return [one.emne for one in self.server.received()]


@pytest.fixture
def morning(hus: Hus) -> None:
    """Nine o'clock in Oslo, so that no test about days falls over midnight unless it means to."""
    now = clock.now().astimezone(OSLO)
    clock.move(now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1) - now)


@pytest.fixture
def system(morning: None, world: World) -> System:
    return make_system(world.register.add_unit(ORGNR))


def lay_ready(hus: Hus, eier: Owner, world: World) -> UUID:
    made = make_letter(hus, ORGNR)
    hand_over(eier, world)
    return made


def row(forsendelse_id: UUID) -> SvarinnMottak:
    return session().get_one(SvarinnMottak, forsendelse_id, populate_existing=True)


def hours(number: float) -> None:
    clock.move(timedelta(hours=number))


def test_sv12_42_a_letter_of_two_hours_is_warned_of_and_marked(
    hus: Hus, system: System, eier: Owner, world: World, server: MailServer, told: Told
) -> None:
    made = lay_ready(hus, eier, world)
    hours(1.9)
    assert (reminders.warn_waiting(), told(), row(made).advarsel) == (0, [], None)
    hours(0.2)
    assert reminders.warn_waiting() == 1
    assert told() == ["1 brev venter på Sak og arkiv"]
    [mail] = server.received()
    assert mail.til == TO and str(system.id) in mail.tekst and "Skatteseddel" not in mail.tekst
    assert row(made).advarsel is not None


@pytest.mark.slow
def test_sv12_42_at_most_three_e_mails_a_day_and_new_ones_the_next_day(
    hus: Hus, system: System, eier: Owner, world: World, told: Told
) -> None:
    lay_ready(hus, eier, world)
    days: dict[str, int] = {}
    for _ in range(3 * 24 * 4):
        hours(0.25)
        day = str(clock.now().astimezone(OSLO).date())
        days[day] = days.get(day, 0) + reminders.warn_waiting()
    assert list(days.values())[1:3] == [3, 3] and max(days.values()) == 3
    assert len(told()) == sum(days.values())


@pytest.mark.parametrize("how", ["acknowledged", "refused"])
def test_sv12_42_nobody_is_warned_of_a_letter_that_was_answered(
    hus: Hus, system: System, eier: Owner, world: World, told: Told, how: str
) -> None:
    made = lay_ready(hus, eier, world)
    if how == "acknowledged":
        acknowledgement.confirm(made, system_id=system.id, actor=HOUSE)
    else:
        acknowledgement.report_failure(
            made, feilmelding="Ukjent sak", permanent=True, system_id=system.id, actor=HOUSE
        )
    hours(30)
    assert (reminders.warn_waiting(), told(), row(made).advarsel) == (0, [], None)


def test_a_passing_failure_is_warned_of_as_before(
    hus: Hus, system: System, eier: Owner, world: World, told: Told
) -> None:
    made = lay_ready(hus, eier, world)
    acknowledgement.report_failure(
        made, feilmelding="Nede", permanent=False, system_id=system.id, actor=HOUSE
    )
    hours(3)
    assert reminders.warn_waiting() == 1


def test_each_address_is_told_of_its_own_system_only(
    hus: Hus, system: System, eier: Owner, world: World, server: MailServer, told: Told
) -> None:
    svarinn.change_system(
        system.id, Systemfakta(f"Arkiv {NUMBER}", ("a@havvik.example", "b@havvik.example")), actor=HOUSE
    )
    make_system(navn="Byggesak")
    lay_ready(hus, eier, world)
    lay_ready(hus, eier, world)
    hours(3)
    assert reminders.warn_waiting() == 2
    told()
    assert sorted(mail.til for mail in server.received()) == ["a@havvik.example", "b@havvik.example"]
    assert {mail.emne[:20] for mail in server.received()} == {"2 brev venter på Ark"}
    assert all(NUMBER not in mail.tekst for mail in server.received())


def expires_in(system: System, **left: float) -> datetime:
    utloper = clock.now() + timedelta(**left)
    with transaction() as tx:
        tx.execute(
            update(Mottakersystem).where(Mottakersystem.id == system.id).values(sertifikat_utloper=utloper)
        )
    return utloper


def test_sv12_42_a_certificate_is_told_of_at_each_stage_once_and_when_it_has_run_out(
    system: System, told: Told
) -> None:
    expires_in(system, days=40)
    days: list[int] = []
    for day in range(120):
        days += [day] * expiry.warn_expiring()
        assert expiry.warn_expiring() == 0
        epost.delete_old()
        hours(24)
    assert days == [10, 26, 33, 39, 40]
    assert len(told()) == 5


def test_stages_that_were_slept_through_are_told_as_one(
    system: System, server: MailServer, told: Told
) -> None:
    utloper = expires_in(system, days=5)
    assert (expiry.warn_expiring(), expiry.warn_expiring()) == (1, 0)
    told()
    [mail] = server.received()
    assert f"{utloper.astimezone(OSLO).day}. " in mail.emne and f"/mottakersystemer/{system.id}" in mail.tekst


def test_the_certificate_of_a_closed_system_is_told_of_as_long_as_letters_wait_for_it(
    hus: Hus, system: System, eier: Owner, world: World, told: Told
) -> None:
    made = lay_ready(hus, eier, world)
    svarinn.set_active(system.id, aktiv=False, spor=nobody, actor=HOUSE)
    expires_in(system, days=5)
    assert (reminders.warn_waiting(), reminders.warn_waiting()) == (1, 0), "once for each stage"
    [emne] = told()
    assert "sertifikat" in emne.casefold()
    hours(24 * 4.5)
    acknowledgement.confirm(made, system_id=system.id, actor=HOUSE)
    assert reminders.warn_waiting() == 0, "nothing waits"


def test_a_new_certificate_is_told_of_anew_and_a_closed_system_not_at_all(system: System, told: Told) -> None:
    expires_in(system, days=5)
    expiry.warn_expiring()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    credentials.set_certificate(system.id, certified(key, dager=10).certificate, actor=HOUSE)
    svarinn.set_active(system.id, aktiv=False, spor=nobody, actor=HOUSE)
    assert expiry.warn_expiring() == 0
    svarinn.set_active(system.id, aktiv=True, spor=nobody, actor=HOUSE)
    assert expiry.warn_expiring() == 1
    assert len(told()) == 2
