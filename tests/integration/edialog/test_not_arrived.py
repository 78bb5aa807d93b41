"""What a citizen sent and had a receipt for, and that reached nobody: they are told where the receipt went."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete

from fiks.core.db import session, transaction
from fiks.edialog.loss_notice import notify_of_lost_letters
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.queries import Framdrift, skjema
from fiks.edialog.rules import letter_id
from fiks.epost import Mal, Sprak, rules
from fiks.epost.service import template
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.svarut.lifecycle.failure_notices import count_lost
from fiks.svarut.mottak import inspection
from tests.integration.edialog.sent import mails, send
from tests.integration.edialog.skjemaer import KARI, WRITTEN, Innbygger, Penn, draft, row_of
from tests.integration.houses import Hus
from tests.integration.keys import newer_key
from tests.integration.svarut.letters import codes
from tests.integration.worlds import FakeRegister
from workers import planned

WITHOUT_EMAIL = replace(WRITTEN, avsender=replace(KARI, epost=""))


def lose(made: object) -> None:
    """Nobody can look at the letter that came of the skjema."""
    inspection.fail_intake(letter_id(made))  # type: ignore[arg-type]
    session().rollback()


def losses(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    records = [record for record in caplog.records if record.message == "edialog_lost"]
    return [(record.levelname, record.__dict__["e_poster"]) for record in records]


def test_the_citizen_and_operations_are_told_once(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    send(made, who, penn, register)
    lose(made)
    assert count_lost() == 1
    session().rollback()
    assert [planned.JOBS["meld_tapte_henvendelser"].run(), notify_of_lost_letters()] == [1, 0]
    [receipt, told] = sorted(mails(), key=lambda mail: mail[0] != "EDIALOG_KVITTERING")
    assert (told[:3], receipt[2]) == (("EDIALOG_FEILET", "nb", "kari@eksempel.no"), "kari@eksempel.no")
    assert str(told[3]["lenke"]).endswith(f"/edialog/skjema/{made}")
    assert losses(caplog) == [("ERROR", 1)]
    assert skjema(made, actor=who.actor).framdrift is Framdrift.IKKE_FRAMME, "what the link leads to"
    assert codes(letter_id(made))[-1] == "MELDT_IKKE_FRAMME"


def test_the_citizen_is_told_in_their_language_where_krr_said_the_receipt_should_go(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    register.contacts[who.pid] = Kontaktinformasjon(who.pid, True, epost="fra-krr@eksempel.no")
    made = draft(hus, who, WITHOUT_EMAIL)
    send(made, who, penn, register, "nn")
    lose(made)
    notify_of_lost_letters()
    assert {mail[:3] for mail in mails()} == {
        ("EDIALOG_KVITTERING", "nn", "fra-krr@eksempel.no"),
        ("EDIALOG_FEILET", "nn", "fra-krr@eksempel.no"),
    }
    assert skjema(made, actor=who.actor).utkast.avsender.epost == "", "it is no address that they wrote"


def test_operations_are_told_of_one_whose_citizen_has_no_address(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    who = Innbygger()
    made = draft(hus, who, WITHOUT_EMAIL)
    send(made, who, penn, register)
    lose(made)
    assert (notify_of_lost_letters(), mails()) == (1, [])
    assert losses(caplog) == [("ERROR", 0)]


def test_operations_are_told_of_one_whose_skjema_is_gone(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    send(made, who, penn, register)
    lose(made)
    with transaction() as tx:
        tx.execute(delete(EdialogSkjema))
    assert (notify_of_lost_letters(), losses(caplog)) == (1, [("ERROR", 0)])


def test_what_is_damaged_keeps_nobody_from_being_told(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    for damaged in (True, False):
        who = Innbygger()
        made = draft(hus, who)
        send(made, who, penn, register)
        if damaged:
            sealed = row_of(made).innhold_kryptert
            with transaction():
                row_of_held = session().get_one(EdialogSkjema, made)
                row_of_held.innhold_kryptert = sealed[:-1] + bytes([sealed[-1] ^ 1])
        lose(made)
    assert notify_of_lost_letters() == 2
    assert sorted(losses(caplog)) == [("ERROR", 0), ("ERROR", 1)]


def test_a_process_that_lacks_the_key_leaves_it_to_one_that_has_it(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    who = Innbygger()
    with newer_key():
        made = draft(hus, who)
        send(made, who, penn, register)
    lose(made)
    assert (notify_of_lost_letters(), losses(caplog)) == (0, [])
    assert "edialog_loss_untold" in [record.message for record in caplog.records]
    assert count_lost() == 1, "and operations hear of it meanwhile"
    with newer_key():
        assert (notify_of_lost_letters(), losses(caplog)) == (1, [("ERROR", 1)])


def test_what_is_on_its_way_and_what_was_never_sent_are_not_told_of(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    send(draft(hus, who), who, penn, register)
    draft(hus, Innbygger())
    assert (notify_of_lost_letters(), [mail[0] for mail in mails()]) == (0, ["EDIALOG_KVITTERING"])


@pytest.mark.parametrize("sprak", Sprak)
def test_the_e_mail_of_a_failure_is_true_of_one_that_was_lost_after_its_receipt(sprak: Sprak) -> None:
    values = {"mottaker": "Lillevik kommune", "lenke": "https://minside.eksempel.no/edialog/skjema/1"}
    said = rules.render_mail(Mal.EDIALOG_FEILET, sprak, template(Mal.EDIALOG_FEILET, sprak), values)
    assert "kvittering" in said.tekst
    assert not any(word in said.tekst for word in ("tatt vare på", "tekne vare på", "på nytt"))
