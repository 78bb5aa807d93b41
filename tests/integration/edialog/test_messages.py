"""What channels are told: the way to answer a letter, and who has written to a kommune."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from fiks.core.address import Adresse
from fiks.edialog import service, work
from fiks.edialog.rules import letter_id
from fiks.konfigurasjon import kontooppsett
from fiks.konfigurasjon.konto_rules import Altinnoppsett
from fiks.svarut.client import Utgaende
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Svaradresse
from tests.integration.edialog.skjemaer import Innbygger, Penn, draft
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
    kontooppsett.set_altinn(hus.konto_id, own, actor=HOUSE)
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
