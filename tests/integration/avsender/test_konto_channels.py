"""What a konto has said of its channels is in what they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from fiks.core import clock
from fiks.core.db import session
from fiks.core.values.address import Adresse
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Altinnoppsett, Postkasseoppsett
from fiks.svarut.channels import altinn, dpi
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.rules import Opphav
from fiks.svarut.sealed_content import Lenke
from tests.integration.avsender.senders import send
from tests.integration.houses import HOUSE, make_hus
from tests.unit.svarut.test_markdown import links
from workers.channels import AltinnPort, DpiPort, letter_link


@dataclass
class Seen:
    """A client that keeps what it is told to send."""

    sent: list[Utgaende] = field(default_factory=list)

    def send(self, brev: Utgaende) -> str:
        self.sent.append(brev)
        return "ref"


def letter(letter_id: UUID) -> Brev:
    return load_letters([letter_id])[letter_id]


def by_altinn(brev: Brev) -> dict[str, Any]:
    """The message as it is put on the wire."""
    seen = Seen()
    AltinnPort(cast(Any, seen)).send(str(uuid4()), brev)
    return cast(dict[str, Any], altinn._correspondence(seen.sent[0])["correspondence"])


def by_dpi(brev: Brev) -> tuple[Utgaende, dict[str, Any]]:
    seen = Seen()
    DpiPort(cast(Any, seen)).send(str(uuid4()), brev)
    return seen.sent[0], dpi._sbd(seen.sent[0], "brev.pdf")


def test_a_konto_that_has_said_nothing_notifies_and_sends_as_its_organisation() -> None:
    hus = make_hus()
    brev = letter(send(hus))
    message = by_altinn(brev)
    assert "notification" in message
    assert message["content"]["messageBody"].startswith("Du har fått brev fra Lillevik kommune.")
    sent, sbd = by_dpi(brev)
    assert sent.avsender_orgnr == hus.orgnr
    assert "avsenderId" not in sbd["digital"]


def test_the_kontos_own_texts_and_its_no_to_notification_reach_altinn() -> None:
    hus = make_hus()
    said = Altinnoppsett(False, "Kemneren har skrevet til deg.", "Spørsmål? Ring oss.")
    settings.set_altinn(hus.konto_id, said, actor=HOUSE)
    message = by_altinn(letter(send(hus)))
    assert "notification" not in message
    assert message["content"]["messageBody"].startswith(f"{said.avsendertekst}\n\n{said.ekstratekst}\n\n")
    assert said.ekstratekst not in message["content"]["messageSummary"]


def test_the_only_link_of_a_message_in_altinn_is_ours_whatever_others_wrote() -> None:
    hus, phishing = make_hus(), "[Betal her](https://phish.example)"
    brev = letter(send(hus))
    odd = replace(
        brev, tittel=phishing, avsender_navn=phishing, lenker=(Lenke("https://e.no", phishing, phishing),)
    )
    answer = replace(odd, opphav=Opphav.EDIALOG, svar_sendes_til=Adresse(phishing))
    said = replace(odd, altinn_tekst=phishing, oppsett=replace(brev.oppsett, altinn_ekstratekst=phishing))
    for one in (odd, answer, said):
        content = by_altinn(one)["content"]
        assert links(content["messageBody"]) == [letter_link(brev)]
        assert content["messageTitle"] == "(Betal her)(https://phish.example)"


@pytest.fixture
def at() -> Iterator[Callable[[int], datetime]]:
    """Moves business time on to the next time it is so many o'clock in Norway, and returns it."""
    before = clock.offset()

    def move(hour: int) -> datetime:
        local = clock.now().astimezone(OSLO)
        wanted = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        wanted += timedelta(days=wanted <= local)
        clock.move(wanted - local)
        return wanted

    yield move
    clock.move(before - clock.offset())


def test_nobody_is_notified_at_night(at: Callable[[int], datetime]) -> None:
    brev = letter(send(make_hus()))
    at(12)
    assert "requestedSendTime" not in by_altinn(brev)["notification"]
    evening = at(22)
    wanted = by_altinn(brev)["notification"]["requestedSendTime"]
    assert datetime.fromisoformat(wanted) == (evening + timedelta(days=1)).replace(hour=8)


def test_a_konto_that_does_not_notify_asks_for_no_time_either(at: Callable[[int], datetime]) -> None:
    hus = make_hus()
    settings.set_altinn(hus.konto_id, Altinnoppsett(False), actor=HOUSE)
    brev = letter(send(hus))
    at(22)
    assert "notification" not in by_altinn(brev)


def test_no_transaction_is_open_while_altinn_is_called() -> None:
    brev = letter(send(make_hus()))

    class Watching(Seen):
        def send(self, brev: Utgaende) -> str:
            assert not session().in_transaction()
            return super().send(brev)

    session().rollback()
    AltinnPort(cast(Any, Watching())).send(str(uuid4()), brev)


def test_the_kontos_number_id_and_text_reach_the_digital_mailbox() -> None:
    hus = make_hus()
    said = Postkasseoppsett(
        True, hus.orgnr, "Lillevik kemner", "kemner-1", "Hilsen kemneren.", med_dokumenter=False
    )
    settings.set_sdp(hus.konto_id, said, actor=HOUSE)
    sent, sbd = by_dpi(letter(send(hus)))
    assert sent.dokument is None
    assert "Hilsen kemneren." in sent.tekst
    assert sbd["digital"]["avsenderId"] == "kemner-1"
    sender = sbd["standardBusinessDocumentHeader"]["sender"][0]["identifier"]["value"]
    assert sender == f"0192:{hus.orgnr}"
