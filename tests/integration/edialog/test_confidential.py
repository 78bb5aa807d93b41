"""An answer is as confidential as the letter it answers: its title and its words tell of the same matter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiks.core.values.address import Adresse
from fiks.edialog import queries, service
from fiks.konfigurasjon.person import representation
from fiks.svarut.inbox import queries as inbox_queries
from fiks.svarut.inbox.access import required_right
from fiks.svarut.mottak import Svaradresse
from tests.integration.edialog.sent import send
from tests.integration.edialog.skjemaer import KARI, WRITTEN, Innbygger, Penn, letters
from tests.integration.houses import make_hus, new_orgnr
from tests.integration.minside.letters import letter_to
from tests.integration.worlds import FakeRegister
from tests.submissions import submission


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    ("secret", "opened_by"),
    [(True, representation.CONFIDENTIAL), (False, representation.SVARUT)],
    ids=["secret", "open"],
)
def test_an_answer_is_confidential_when_the_letter_it_answers_is(
    penn: Penn, register: FakeRegister, secret: bool, opened_by: str
) -> None:
    sender, company = make_hus("Fjordvik kommune"), new_orgnr()
    who = Innbygger(orgnr=company)
    answers = Svaradresse(
        Adresse("Fjordvik postmottak", "Kaia 2", "", "", "4260", "TORVASTAD", ""), new_orgnr()
    )
    said = submission(digital_id=company, tittel="Sak 17", kan_svares=True, svar_sendes_til=answers)
    original = letter_to(sender, company, said=replace(said, taushetsbelagt=secret), taushetsbelagt=secret)
    box = inbox_queries.postboks_of_organisation(company, frozenset({opened_by}), 3)
    made = service.begin_reply(original, KARI, box, actor=who.actor)
    title = queries.skjema(made, actor=who.actor).utkast.tittel
    service.save(made, replace(WRITTEN, tittel=title), sensitivt=False, actor=who.actor)
    send(made, who, penn, register)
    [reply] = [letter for letter in letters() if letter.opphav == "EDIALOG"]
    assert (reply.tittel, reply.taushetsbelagt) == ("Svar: Sak 17", secret)
    assert required_right(reply.id) == opened_by
