"""What a person decides by command when nobody outside can be asked any more: of a hand-over, and of a signed copy."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.core.errors import Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.rules import Kanal
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.feed import read_feed
from tests.integration.databases import QuickProcess
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import (
    hand_over,
    let_lookup_gap_pass,
    levering,
    make_letter,
)
from tests.integration.svarut.signings import accepted, let_sign, order, signing_codes
from tests.integration.worlds import World
from tests.workers.test_cli import run

WHY = ("--grunn", "Kanalens eier har svart i brev 1. mars")


@pytest.fixture
def unclear(hus: Hus, eier: Owner, world: World) -> UUID:
    """A letter to a mailbox whose call ended with nobody knowing how, an hour ago."""
    world.dpi.svar = [Uavklart("TIDSAVBRUDD")]
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    let_lookup_gap_pass(made, quarantine=True)
    return made


@pytest.fixture
def without_mailboxes(unclear: UUID, process: QuickProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mailboxes have no address in the settings any more."""
    others = {kanal: port for kanal, port in process.world.kanaler.items() if kanal is not Kanal.DPI}
    monkeypatch.setattr(QuickProcess, "world", replace(process.world, kanaler=others))


def decide(process: QuickProcess, made: UUID, *words: str) -> int:
    levering_id = levering(made).id
    return run(process, "reconcile", "--avgjor", str(levering_id), *words)


@pytest.mark.usefixtures("without_mailboxes")
@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [("--har", "OVERLEVERT", "står nå som sendt"), ("--har-ikke", "TIL_BEHANDLING", "venter på avsenderen")],
)
def test_a_hand_over_is_decided_by_command(
    unclear: UUID,
    process: QuickProcess,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    status: str,
    told: str,
) -> None:
    assert decide(process, unclear, answer, *WHY) == 0
    assert told in capsys.readouterr().out
    session().rollback()
    assert levering(unclear).status == status


def test_while_the_channel_has_an_address_the_command_says_what_to_do_first(
    unclear: UUID, process: QuickProcess
) -> None:
    with pytest.raises(ValueError, match="KANALEN_KAN_SPORRES: .*tar du bort adressen"):
        decide(process, unclear, "--har", *WHY)
    assert levering(unclear).status == "UAVKLART"


@pytest.mark.usefixtures("without_mailboxes")
@pytest.mark.parametrize(
    "words",
    [("--har",), WHY, ("--har", "--gjenopprettet", *WHY)],
    ids=["no reason", "no answer", "both acts"],
)
def test_a_decision_is_whole_or_none(unclear: UUID, process: QuickProcess, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="--har eller --har-ikke, med --grunn"):
        decide(process, unclear, *words)
    assert levering(unclear).status == "UAVKLART"


def test_a_lost_signed_copy_is_given_up_by_command(
    hus: Hus, process: QuickProcess, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = accepted(let_sign(hus))
    words = ("signering", "gi-opp", str(made), *WHY)
    with pytest.raises(ValueError, match="INGEN_KOPI_VENTES: det ventes ikke"):
        run(process, *words)
    world.signering.tells(made, Art.SIGNERT)
    read_feed(world.signering)
    assert run(process, *words) == 0
    assert "hentes ikke lenger" in capsys.readouterr().out
    session().rollback()
    assert (order(made).status, signing_codes(made)) == ("AVVIST_AV_SVARUT", ["KOPI_TAPT"])
