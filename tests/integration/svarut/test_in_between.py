"""An answer of somebody in between, and what never left the house, cost no letter its digital channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session
from fiks.core.errors import Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.register import Register
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.dpi import DpiClient
from fiks.svarut.delivery import circuit_breaker, unknown_outcomes
from fiks.svarut.delivery.deliver import Verden, deliver
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.models import Kanalavvik
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import Bane, Kanal
from tests.integration.houses import Hus, new_fnr
from tests.integration.in_between import in_between
from tests.integration.svarut.letters import (
    hand_over,
    let_lookup_gap_pass,
    letter,
    levering,
    make_letter,
    make_letters,
)
from tests.integration.worlds import World
from workers.channels import AltinnPort, DpiPort

pytestmark = pytest.mark.slow

AZURE = b'{"statusCode": 404, "message": "Resource not found"}'
"""What stands before Altinn says so itself, when it does not know the way."""


def through(world: World, kanal: Kanal, port: AltinnPort | DpiPort) -> Verden:
    """The world with this channel in it."""
    return replace(world.verden, kanaler={**world.verden.kanaler, kanal: port})


def all_handed_over(eier: Owner, verden: Verden) -> None:
    while deliver(Bane.ENKELT, eier, verden):
        pass


@pytest.mark.parametrize("body", [b"<html>default backend - 404</html>", AZURE, b""])
def test_a_mailing_to_an_ingress_without_a_route_waits_for_altinn_and_is_not_printed(
    hus: Hus, eier: Owner, world: World, body: bytes
) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(12)])
    with in_between(404, body) as url:
        all_handed_over(eier, through(world, Kanal.ALTINN, AltinnPort(AltinnClient(url))))
    assert {letter(one).status for one in made} == {"AKSEPTERT"}
    codes = sorted(str(levering(one).feilkode) for one in made)
    assert codes == ["HTTP_404"] * 10 + ["STENGT_ALTINN"] * 2
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PAUSED


def test_a_letter_that_altinn_itself_does_not_know_the_receiver_of_goes_on(
    hus: Hus, eier: Owner, world: World
) -> None:
    body = (
        b'{"type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found", "status": 404,'
        b' "detail": "Could not find partyId for the following recipients", "errorCode": 1029}'
    )
    made = make_letter(hus, world.register.add_person(new_fnr()))
    with in_between(404, body) as url:
        all_handed_over(eier, through(world, Kanal.ALTINN, AltinnPort(AltinnClient(url))))
    assert letter(made).status == "SENDT_PRINT"


@pytest.mark.parametrize("status", [405, 407, 410, 413, 421, 426, 431, 451, 495, 496])
def test_what_only_the_way_says_sends_nothing_on_paper(
    hus: Hus, eier: Owner, world: World, status: int
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    with in_between(status, b"<html>") as url:
        all_handed_over(eier, through(world, Kanal.DPI, DpiPort(DpiClient(url))))
    assert (letter(made).status, levering(made).feilkode) == ("AKSEPTERT", f"HTTP_{status}")


def test_the_nightly_comparison_takes_no_ingress_for_the_channels_books(
    hus: Hus, eier: Owner, world: World
) -> None:
    people = [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(3)]
    made = make_letters(hus, people)
    hand_over(eier, world)
    assert {letter(one).status for one in made} == {"SENDT_SDP"}
    clock.move(timedelta(days=3))
    with in_between() as url:
        compared = reconciliation.compare(Kanal.DPI, DpiPort(DpiClient(url)))
    assert (compared.avvik, compared.ubesvart, compared.kode) == (0, 3, "HTTP_404")
    assert session().scalar(select(func.count()).select_from(Kanalavvik)) == 0


@pytest.mark.parametrize("kanal", [Kanal.DPI, Kanal.ALTINN])
def test_an_unknown_outcome_is_not_settled_by_an_ingress(
    hus: Hus, eier: Owner, world: World, kanal: Kanal
) -> None:
    """Two empty look-ups and the quarantine over would send the letter again, which the channel has."""
    lost = Uavklart("SVARET_BORTE")
    world.dpi.svar, world.altinn.svar = [lost], [lost]
    postkasse = "DIGIPOST" if kanal is Kanal.DPI else None
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse=postkasse))
    hand_over(eier, world)
    with in_between() as url:
        ports: dict[Kanal, AltinnPort | DpiPort] = {
            Kanal.DPI: DpiPort(DpiClient(url)),
            Kanal.ALTINN: AltinnPort(AltinnClient(url)),
        }
        for _ in range(3):
            let_lookup_gap_pass(made, quarantine=True)
            unknown_outcomes.resolve_unknown_outcomes(through(world, kanal, ports[kanal]))
    assert (levering(made).status, levering(made).tomme_oppslag) == ("UAVKLART", 0)


@pytest.fixture
def untrusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates that the settings of the machine name are not there."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/finnes/ikke.pem")


def stand(made: list[UUID]) -> set[tuple[str, str | None, int]]:
    return {(levering(one).status, levering(one).feilkode, levering(one).tapte_eiere) for one in made}


@pytest.mark.usefixtures("untrusting")
def test_letters_wait_when_the_certificates_to_trust_are_gone(hus: Hus, eier: Owner, world: World) -> None:
    """No byte left the house, so no outcome is unknown, and no worker is to blame."""
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(5)])
    all_handed_over(eier, through(world, Kanal.ALTINN, AltinnPort(AltinnClient("https://altinn.invalid"))))
    assert stand(made) == {("VENTER", "IKKE_NAADD", 0)}


@pytest.mark.usefixtures("untrusting")
def test_registers_that_cannot_be_trusted_give_no_answer_and_cost_no_letter_its_owner(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letters(hus, [world.register.add_person(new_fnr()) for _ in range(3)])
    url = "https://register.invalid"
    silent = Register(FolkeregisterClient(url), KrrClient(url), EnhetsregisterClient(url))
    all_handed_over(eier, replace(world.verden, registers=Registers(silent)))
    assert {(status, lost) for status, _, lost in stand(made)} == {("VENTER", 0)}
    assert {letter(one).status for one in made} == {"AKSEPTERT"}


@pytest.mark.usefixtures("untrusting")
def test_look_ups_of_unknown_outcomes_end_in_no_traceback(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.dpi.svar = [Uavklart("SVARET_BORTE")]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    let_lookup_gap_pass(made, quarantine=True)
    unknown_outcomes.resolve_unknown_outcomes(
        through(world, Kanal.DPI, DpiPort(DpiClient("https://dpi.invalid")))
    )
    assert [one for one in caplog.records if one.exc_info] == []
    assert (levering(made).status, levering(made).tomme_oppslag) == ("UAVKLART", 0)
