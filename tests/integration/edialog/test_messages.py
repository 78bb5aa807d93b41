"""What channels are told: the way to answer a letter, and who has written to a kommune."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import pytest

from fiks.core.values.address import Adresse
from fiks.edialog import service, work
from fiks.edialog.rules import letter_id
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Altinnoppsett
from fiks.svarut.channels.altinn import _correspondence
from fiks.svarut.channels.base import Utgaende
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Svaradresse
from tests.integration.edialog.skjemaer import WRITTEN, Innbygger, Penn, draft
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.minside.letters import letter_to
from tests.integration.worlds import FakeRegister
from tests.submissions import submission
from workers.channels import AltinnPort, DpiPort


@dataclass
class Seen:
    """A client that keeps what it is told to send."""

    sent: list[Utgaende] = field(default_factory=list)

    def send(self, brev: Utgaende) -> str:
        self.sent.append(brev)
        return "ref"


def test_a_letter_that_asks_for_answers_says_where_in_each_channel_and_another_does_not(hus: Hus) -> None:
    me = new_fnr()
    asks = submission(
        digital_id=me, kan_svares=True, svar_sendes_til=Svaradresse(Adresse("Postmottak"), hus.orgnr)
    )
    for said, expected in ((asks, True), (submission(digital_id=me), False)):
        made = letter_to(hus, me, said=said)
        brev, seen = load_letters([made])[made], Seen()
        for port in (AltinnPort(cast(Any, seen)), DpiPort(cast(Any, seen))):
            port.send("ref", brev)
        way = f"/edialog/svar/{made}"
        assert [(way in sent.tekst) for sent in seen.sent] == [expected, expected]


def test_the_kommune_is_told_who_has_written_and_nothing_the_konto_says_of_its_own_letters(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    own = Altinnoppsett(True, "Kemneren har skrevet til deg.", "Spørsmål? Ring oss.")
    settings.set_altinn(hus.konto_id, own, actor=HOUSE)
    who, seen = Innbygger(), Seen()
    skjema = draft(hus, who)
    service.send(skjema, spraak="nb", actor=who.actor)
    work.send_next(penn, register)
    made = letter_id(skjema)
    AltinnPort(cast(Any, seen)).send("ref", load_letters([made])[made])
    assert seen.sent[0].tekst == (
        "Kari Fjellstad har skrevet til dere i eDialog. Logg inn for å lese henvendelsen."
    )
    assert seen.sent[0].mottaker == hus.orgnr


@pytest.mark.parametrize("sensitivt", [False, True])
def test_what_a_citizen_calls_sensitive_is_not_told_of_by_its_title(
    hus: Hus, penn: Penn, register: FakeRegister, sensitivt: bool
) -> None:
    who, seen = Innbygger(acr=4), Seen()
    skjema = draft(hus, who, sensitivt=sensitivt)
    service.send(skjema, spraak="nb", actor=who.actor)
    work.send_next(penn, register)
    brev = load_letters([letter_id(skjema)])[letter_id(skjema)]
    AltinnPort(cast(Any, seen)).send(str(uuid4()), brev)
    told = json.dumps(_correspondence(seen.sent[0]), ensure_ascii=False)
    assert (WRITTEN.tittel in told) is not sensitivt
    assert ("Henvendelse i eDialog, krever innlogging på nivå 4" in told) is sensitivt
    assert brev.tittel == WRITTEN.tittel, "who opens it sees what it is called"


def test_a_senders_own_title_is_shown_at_every_level(hus: Hus) -> None:
    """It stands in the inbox and in what notifies of it (svarut.md 1.2), and its sender knows."""
    me, seen = new_fnr(), Seen()
    made = letter_to(hus, me, said=submission(digital_id=me, tittel="Vedtak"), sikkerhetsniva="HOYESTE")
    AltinnPort(cast(Any, seen)).send("ref", load_letters([made])[made])
    assert seen.sent[0].tittel == "Vedtak"
